"""How music is played, measured in notes and seconds: what an answer can have in common with its call."""
