"""Tests of the outside: channels, terminal, demo, simulator."""
