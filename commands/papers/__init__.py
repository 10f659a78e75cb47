"""What the papers describe and measured: every row of it, and its pictures."""
