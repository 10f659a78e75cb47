"""Feeds: in which order and in what windows music is shown to a model. One way a file, all with one face."""
