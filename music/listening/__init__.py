"""What a model that listens hears beside the events: how somebody plays, and where the beat is."""
