"""Beating time with others: their clock heard, ticks of ours that go out, and whose beat it is."""
