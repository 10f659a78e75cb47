"""Where a phrase ends: what tells it, and how long a silence must last to be sure."""
