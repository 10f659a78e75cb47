"""The word in the page's address, without which nobody is answered.

It is drawn at each start, by the engine (`realtime/rows/begin.py`). Whoever types it may leave its hyphens
out, and a phone may begin it with a capital.
"""

import re
from hmac import compare_digest

# Three groups of four consonants, as the engine draws them.
_DRAWN = re.compile(r"[a-z]{12}")


class Word:
    """The right word, and what another one is."""

    def __init__(self, word: str) -> None:
        self.word = word
        self._bare = _bare(word).encode()

    def is_right(self, tried: str) -> bool:
        """Whether this is it; takes as long whatever is wrong with it."""
        return compare_digest(_bare(tried).encode(errors="replace"), self._bare)

    @staticmethod
    def could_be_of_another_start(tried: str) -> bool:
        """Whether this looks like one that was drawn: in a link or a code that was kept since."""
        return _DRAWN.fullmatch(_bare(tried)) is not None


def _bare(word: str) -> str:
    return word.replace("-", "").lower()
