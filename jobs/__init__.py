"""What happens without anyone asking: deliver the outbox, draw pictures, tidy up at night."""
