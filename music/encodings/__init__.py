"""The ways of writing music down, one file each, with one face."""
