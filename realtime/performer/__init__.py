"""The pure core: events in, actions out; no clock, no MIDI, no thread, no model."""
