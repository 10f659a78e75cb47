"""Models of rolls: which keys sound and are struck at each step of time,
and the machine that refines what others drew."""
