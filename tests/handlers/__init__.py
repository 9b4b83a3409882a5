"""Tests of the conversations and their engine."""
