"""Hearing when a phrase is over: how soon, and how often in vain."""
