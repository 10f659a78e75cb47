"""Bytes and events, and the ports that carry them."""
