"""What a model hears beside the events: a portrait of the player, and where in the beat it is."""
