"""What happens without anyone asking: pictures."""
