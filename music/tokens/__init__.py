"""What every encoding stands on: the face, vocabularies, shared grids and scales, how loss is counted."""
