"""The event model by tables: the same numbers in fewer operations, for the file that a CPU plays."""
