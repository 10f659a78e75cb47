"""The shell around the performer: clock, loop, answerers, what is shown."""
