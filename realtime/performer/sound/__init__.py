"""How an answer sounds: how loud, and within which limits."""
