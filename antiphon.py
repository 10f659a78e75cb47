"""The front door: one command, whose subcommands import their rooms only when they are called."""

__version__ = "0.1.0"


def main() -> None:
    """Run the command line."""
