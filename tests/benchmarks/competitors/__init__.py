"""One file a competitor, each written as its library's documentation writes it."""
