"""Which way messages go: from which input to which channel, and how long an output waits."""
