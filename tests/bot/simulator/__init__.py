"""The simulator is what the other tests stand on, so it is tested as a product of its own."""
