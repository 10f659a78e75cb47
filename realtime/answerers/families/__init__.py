"""Answers by models of other families than events: whole notes, symbols, steps and rolls, row by row."""
