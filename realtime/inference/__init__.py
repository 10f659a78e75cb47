"""The live model: its file, its session, and the devices that can run it."""
