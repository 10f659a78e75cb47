"""What our measures of music say about pieces that people wrote and play."""
