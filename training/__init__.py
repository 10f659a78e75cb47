"""Learning from music offline: recipes, feeds, models, the loop, runs, and what their models play."""
