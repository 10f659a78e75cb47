"""What listeners are asked, and the numbers that they answer with.

`closeness` is row D7's: one clip at a time, 0 to 5. `novice` is row E8's: three clips back to back, 1 to 10.
"""

from dataclasses import dataclass

from music.settings import SettingError


@dataclass(frozen=True, slots=True)
class Scale:
    """A question, its least and greatest answer, words for some, and how many clips are heard at once."""

    name: str
    question: str
    least: int
    most: int
    words: tuple[tuple[int, str], ...]
    together: int

    @property
    def values(self) -> range:
        """All answers."""
        return range(self.least, self.most + 1)

    def word(self, value: int) -> str:
        """An answer with its words, if it has any."""
        words = dict(self.words).get(value)
        return f"{value} {words}" if words else str(value)


SCALES = {
    scale.name: scale
    for scale in (
        Scale(
            "closeness",
            "How close is this to what a human composer would write?",
            0,
            5,
            ((0, "not at all"), (5, "just like it")),
            together=1,
        ),
        Scale(
            "novice",
            "How good is this as music?",
            1,
            10,
            ((1, "noise"), (5, "plausible"), (10, "as by a person who learns to compose")),
            together=3,
        ),
    )
}


def scale_named(name: str) -> Scale:
    """The scale of that name."""
    if name not in SCALES:
        raise SettingError(f"no scale {name!r}; there are: {', '.join(SCALES)}")
    return SCALES[name]
