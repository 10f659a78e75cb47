"""A run's model playing by itself: what it is given first, what it draws, and what is mended afterwards."""
