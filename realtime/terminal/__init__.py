"""Playing from a terminal: its keys as a piano's, and a calm picture of what is going on."""
