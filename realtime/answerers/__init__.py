"""Who can answer a call: by rule today, with a network behind the same face."""
