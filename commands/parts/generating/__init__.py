"""What `antiphon generate` plays: by a run, or by a model file without torch."""
