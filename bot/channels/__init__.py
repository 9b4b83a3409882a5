"""One file a platform: its limits, its errors, how its payloads are read and its messages sent."""
