"""The takes: what was played, on disk while the music goes on."""
