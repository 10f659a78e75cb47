"""A model that learns on from a player's own takes."""
