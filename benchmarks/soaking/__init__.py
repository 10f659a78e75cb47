"""The instrument played for a long time while things go wrong around it, and what came of it."""
