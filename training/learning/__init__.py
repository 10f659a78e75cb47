"""How a run learns: the loop, the learner that it moves on, what it reports, and what it leaves on disk."""
