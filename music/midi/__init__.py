"""MIDI files: walked, read into pieces, and written."""
