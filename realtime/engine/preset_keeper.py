"""A preset that is made while it plays: where the controls stand, by a name, kept in a file.

The file is written on a thread of its own; what came of it comes back by `put`. Of presets it knows how they
are kept by a function alone. Must not know pages, nor what a file looks like.
"""

import logging
from collections.abc import Callable
from threading import Thread

from realtime.engine.clock import Clock
from realtime.knobs import SPLIT
from realtime.performer.rules import Rules
from realtime.performer.sound.limits import limits_of
from realtime.rows.standing import controls_of
from realtime.rows.turned import PresetStands

log = logging.getLogger(__name__)

Moves = tuple[tuple[str, float | str], ...]
Keep = Callable[[str, Moves], tuple[int | None, tuple[str, ...], str]]


class PresetKeeper:
    """Keeps presets one after the other.

    `keep` is given a name and where each control stands; it gives the program that recalls them, counted from
    0, all presets' names, and words on where they are. What it raises says why not.
    """

    def __init__(self, keep: Keep, clock: Clock, put: Callable[[PresetStands], None]) -> None:
        self._keep, self._clock, self._put = keep, clock, put
        self._thread: Thread | None = None

    def wish(self, name: str, rules: Rules) -> None:
        """Keep the controls as they stand in these rules; returns at once."""
        before = self._thread
        stand = {SPLIT: rules.split.text} | limits_of(rules.limits) | controls_of(rules)
        moves = tuple(stand.items())
        self._thread = Thread(target=self._work, args=(before, name, moves), name="preset", daemon=True)
        self._thread.start()

    def _work(self, before: Thread | None, name: str, moves: Moves) -> None:
        if before is not None:
            before.join()
        try:
            program, names, words = self._keep(name, moves)
        except Exception as reason:
            log.debug("no preset", exc_info=True)
            refused = f"no preset {name!r}: {str(reason) or type(reason).__name__}"
            self._put(PresetStands(self._clock.now(), name, (), None, (), refused))
            return
        self._put(PresetStands(self._clock.now(), name, moves, program, names, words))
