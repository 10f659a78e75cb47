"""The player: what is held, by hand and foot, on each keyboard."""
