"""People listen: clips whose sources nobody can tell, a page to rate them on, and what the ratings say."""
