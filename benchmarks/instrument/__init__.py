"""The live instrument: how late it is, and what it costs."""
