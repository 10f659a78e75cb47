"""What `antiphon encode` and `antiphon decode` do."""
