"""Passages of an answer: drawn side by side, fitted to the call, and the best of them chosen."""
