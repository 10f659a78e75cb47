"""What a model must beat: figures that chance and counting alone reach."""
