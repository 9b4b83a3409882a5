"""One table a channel: label, payload, what comes out."""
