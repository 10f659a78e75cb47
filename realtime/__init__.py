"""The live instrument: performer, inference, MIDI, engine. Never imports torch."""
