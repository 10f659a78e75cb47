"""What a graph draws, and by which numbers: the part that is traced after the step."""
