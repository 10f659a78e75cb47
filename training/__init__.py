"""Learning from music offline: corpora, transforms, models, the training loop, evaluation."""
