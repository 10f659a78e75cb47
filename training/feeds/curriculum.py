"""A curriculum (row C6): so many steps on some pieces, stage by stage, and then on all the music.

Which pieces a stage has, `of_levels` says: those of some levels of difficulty, of the main music or of other.

Must not know models, or how difficulty is measured.
"""

from collections.abc import Callable, Sequence
from typing import Any

from music.settings import SettingError
from pieces.music import Music
from training.feeds.chosen import Chosen
from training.feeds.feed import Batch, Feed


class Curriculum:
    """A feed of feeds: each stage has its own, made when it begins."""

    def __init__(
        self,
        music: Music,
        stages: Sequence[tuple[Music, int]],
        feed: Callable[[Music, Any], Feed],
        place: Any = None,
    ) -> None:
        self._stages, self._feed = stages, feed
        self._pieces: list[Music] = [of_stage for of_stage, _ in stages] + [music]
        place = place or {"stage": 0, "steps": 0, "feed": None}
        self._stage, self._steps = place["stage"], place["steps"]
        self._current = feed(self._pieces[self._stage], place["feed"])
        self.lanes = self._current.lanes
        self.batches_a_pass = feed(music, None).batches_a_pass

    @property
    def place(self) -> dict[str, Any]:
        """The stage, how far it has gone, and where its feed stands."""
        return {"stage": self._stage, "steps": self._steps, "feed": self._current.place}

    def next(self) -> Batch:
        """The next batch of the stage, or the first of the next stage."""
        while self._stage < len(self._stages) and self._steps >= self._stages[self._stage][1]:
            self._stage, self._steps = self._stage + 1, 0
            self._current = self._feed(self._pieces[self._stage], None)
        self._steps += 1
        return self._current.next()


def of_levels(music: Music, levels: Sequence[int], wanted: Sequence[int]) -> Music:
    """The pieces that are of these levels, of music with those levels."""
    numbers = [number for number, level in enumerate(levels) if level in wanted]
    if not numbers:
        there = ", ".join(map(str, sorted(set(levels)))) or "none"
        raise SettingError(
            f"no piece is of level {', '.join(map(str, wanted))}; there are pieces of level {there}"
        )
    return Chosen(music, numbers)
