"""What was found of models, whatever was asked: where reports lie, and those that aren't of events."""
