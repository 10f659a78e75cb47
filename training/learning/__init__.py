"""How a run learns: the loop, the learner that it moves on, what it tells, and what it leaves on disk."""
