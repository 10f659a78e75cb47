"""The share of rows that are the symbol for what was not learnt, in words, to stand beside a loss.

All of them are one symbol, and soon a frequent one, so they lower the loss. Must not know models.
"""

MOST_UNKNOWN = 0.05  # above it, a share is worth a warning


def share_in_words(share: float, unit: str, why: str = "") -> str:
    """Such a share, and where it is so large, that the loss says little, and why or what to do."""
    words = f"{share:.1%} of the {unit}s are unknown"
    if share <= MOST_UNKNOWN:
        return words
    words += f", more than {MOST_UNKNOWN:.0%}, so the loss says little"
    return f"{words}: {why}" if why else words
