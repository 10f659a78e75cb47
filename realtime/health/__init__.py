"""What a machine must have to play on, looked at before anybody plays: what is wrong, and how to mend it."""
