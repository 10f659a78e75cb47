"""What is played, on disk as it comes."""
