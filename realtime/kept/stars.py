"""Which answers of a take have a star. Knows moments; must not know where they come from."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence


def starred_answers(asked: Sequence[float], stars: Sequence[float]) -> list[float]:
    """When the answers were asked for that have one, of moments in order.

    A star is the newest answer's; a second one takes the first back; before the first answer it is nobody's.
    """
    counted = Counter(bisect_right(asked, star) for star in stars)
    return [asked[place - 1] for place, times in sorted(counted.items()) if place and times % 2]
