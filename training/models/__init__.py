"""The models, one family a file: `forward` over a sequence and `step` over one event, on the same weights."""
