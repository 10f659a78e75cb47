"""What every encoding stands on: the face, vocabularies, the grids and scales that they share, and what is lost on the way."""
