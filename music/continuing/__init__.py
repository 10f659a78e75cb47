"""Music that goes on from what was heard: the prompt, and what follows it, row by row."""
