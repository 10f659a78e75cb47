"""The beat of what is played, looked for on a thread of its own: it takes a millisecond or two.

Of questions that wait, the newest counts. Knows onsets. Must not know what a beat is for.
"""

from collections.abc import Callable
from math import sqrt
from queue import SimpleQueue
from threading import Thread

from music.manner.pulse import Beat, beat_of
from realtime.engine.clock import Clock
from realtime.engine.conducting.looking import BeatFound, Onsets

FEWEST_TO_FOLLOW = 6
CHANCE = 1.3  # by the root of how many onsets there are: as clear a beat has one in ten passages by chance


def clear_beat_of(onsets: Onsets) -> Beat | None:
    """The beat of onsets, if it is clearer than that of onsets that fall anywhere."""
    if len(onsets) < FEWEST_TO_FOLLOW:
        return None
    beat = beat_of(onsets)
    return beat if beat is not None and beat.clarity >= CHANCE / sqrt(len(onsets)) else None


class BeatFinder:
    """Looks for beats; `put` gets what came of it."""

    def __init__(self, clock: Clock, put: Callable[[BeatFound], None]) -> None:
        self._clock, self._put = clock, put
        self._questions: SimpleQueue[Onsets] = SimpleQueue()
        self._thread: Thread | None = None

    def find(self, onsets: Onsets) -> None:
        """Look for the beat of these onsets, without waiting for it."""
        self._questions.put(onsets)
        if self._thread is None:
            self._thread = Thread(target=self._work, name="beat", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            onsets = self._questions.get()
            while not self._questions.empty():
                onsets = self._questions.get()
            self._put(BeatFound(self._clock.now(), clear_beat_of(onsets)))
