"""Doubles and music that tests make for themselves."""
