"""Many performers on one model: their states in slots, and one call for all who need an event."""
