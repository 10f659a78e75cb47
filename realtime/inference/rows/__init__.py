"""A model file whose rows are no events: opened, and listened to."""
