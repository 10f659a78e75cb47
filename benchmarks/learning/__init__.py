"""What learning costs: rows a second, and memory."""
