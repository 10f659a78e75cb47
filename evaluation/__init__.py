"""How good a model is: one file a question. Takes any `Scorer`; must not know torch or any other runtime."""
