"""How alike music is: one piece and another, and what a model plays and what people wrote."""
