"""The version of Antiphon, in one place: the package is built with it, and files and figures carry it.
Imports nothing."""

__version__ = "0.1.0"
