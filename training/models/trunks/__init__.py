"""Trunks: what a model remembers with. One kind a file, all with one face."""
