"""Several models beside each other."""
