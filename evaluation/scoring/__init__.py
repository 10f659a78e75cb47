"""How surprised a model is by held-out music: nats per note. Takes any `Scorer`."""
