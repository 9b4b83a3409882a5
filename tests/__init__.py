"""Tests: they mirror the four rooms, plus whole conversations, faults, benchmarks and the browser."""
