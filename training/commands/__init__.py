"""What `antiphon data` and `antiphon train` do."""
