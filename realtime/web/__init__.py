"""The page process: the browsers' page, and the take on disk.

A process of its own, joined to the engine by a pipe.
"""
