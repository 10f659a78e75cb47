"""Music read, written down and read back: how fast, and what is lost."""
