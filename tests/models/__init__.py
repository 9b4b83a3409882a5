"""The rules, run against both databases wherever SQL decides."""
