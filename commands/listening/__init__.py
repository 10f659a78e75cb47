"""`antiphon listening-test`: a file for each of its steps."""
