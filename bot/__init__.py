"""The outside: terminal, settings, channels, web, and the assembly of it all."""
