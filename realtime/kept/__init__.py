"""Takes that were kept: found in a folder, read with all that was done, and played again."""
