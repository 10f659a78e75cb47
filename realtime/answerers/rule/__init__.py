"""The answer by rule: it imitates the call and varies it, without a network."""
