"""What can be tried out: a model file or the rule answers a call here and now, and takes that were kept."""
