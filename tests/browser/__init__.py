"""What a visitor does with the mouse, in Debian's Chromium."""
