"""An evening: phrase after phrase, cut-ins, and now and then something that goes wrong.

Knows the stage and the phrases. Must not know processes, or judge.
"""

import time
from dataclasses import dataclass, field
from itertools import cycle

from benchmarks.soaking.faults import FAULTS
from benchmarks.soaking.judging import Phrase
from benchmarks.soaking.phrases import ALL_SOUND_OFF, HAND_OVER, PEDAL, Phrases, Timed, control
from benchmarks.soaking.stage import Stage

ANSWERED_WITHIN_S = 30.0  # a held key is waited for 4 s, an answerer 5; the rest is for a busy machine
ENDED_WITHIN_S = 30.0  # an answer of 3 s, and its last notes
REPEATED_S = 1.3  # after the end of a turn, by when all releases have been said again
MOST_HEARD_S = 1.5  # of an answer, before it is cut


@dataclass
class Injected:
    """A fault, when it was, and what sounded when all was quiet again, by what had been handed over."""

    name: str
    at: float
    quiet_at: float = 0.0


@dataclass
class Evening:
    """The player's evening on a stage."""

    stage: Stage
    phrases: Phrases
    began: list[tuple[float, str | None]] = field(default_factory=list)  # each phrase, and its excuse
    injected: list[Injected] = field(default_factory=list)
    excused: list[tuple[float, float]] = field(default_factory=list)  # while what is played may be changed
    _rounds: int = 0

    def last(self, minutes: float, fault_every_s: float, *, has_each_fault: bool = False) -> None:
        """Play so long, with the next fault about every so many seconds; in the end it is quiet.

        If it is to have each fault, it goes on until the last one has come.
        """
        ends_at = time.monotonic() + 60.0 * minutes
        faults = cycle(FAULTS.items())
        next_fault_at = time.monotonic() + 0.5 * fault_every_s
        self.round()
        self.stage.weigh()
        while time.monotonic() < ends_at or (has_each_fault and len(self.injected) < len(FAULTS)):
            if time.monotonic() < next_fault_at:
                self.round()
                continue
            self._go_wrong(*next(faults))
            next_fault_at = max(next_fault_at + fault_every_s, time.monotonic())
        self.come_to_rest()
        self.stage.weigh()

    def _go_wrong(self, name: str, fault: object) -> None:
        assert callable(fault)
        injected = Injected(name, time.monotonic())
        self.injected.append(injected)
        fault(self)
        self.round()
        self.come_to_rest()
        injected.quiet_at = time.monotonic()
        self.stage.weigh()

    @property
    def all_phrases(self) -> list[Phrase]:
        """Each phrase with the beginning of the next."""
        ends = [at for at, _ in self.began[1:]] + [float("inf")]
        return [Phrase(at, end, excuse) for (at, excuse), end in zip(self.began, ends, strict=True)]

    def round(self) -> None:
        """A phrase and its answer: every third is cut into by the next phrase, every fifth asked for."""
        self._rounds += 1
        self.stage.see_to_instrument()
        self.phrase(self.phrases.phrase())
        if self._rounds % 5 == 0:
            self.stage.play(control(HAND_OVER, 127))
        self.hear_answer()
        if self._rounds % 3 == 0 and self.stage.look() == "answering":
            time.sleep(self.phrases.wait_s(0.1, MOST_HEARD_S))
            self.stage.play(control(PEDAL, 127))
            self.phrase(self.phrases.phrase())
            self.stage.play(control(PEDAL, 0))
            self.hear_answer()
        self.let_end()

    def phrase(self, played: list[Timed], excuse: str | None = None) -> None:
        """Play a phrase; an excuse says why it needn't be answered."""
        self.began.append((time.monotonic(), excuse))
        for wait_s, message in played:
            time.sleep(wait_s)
            self.stage.play(message)

    def excuse(self, why: str) -> None:
        """The last phrase needn't be answered."""
        self.began[-1] = (self.began[-1][0], why)

    def hear_answer(self) -> bool:
        """Wait until the answer begins, or is given up."""
        since = time.monotonic()
        while self.stage.look() in ("calling", "asking") or time.monotonic() < since + 0.3:
            if time.monotonic() > since + ANSWERED_WITHIN_S:
                return False
            time.sleep(0.02)
        return self.stage.phase == "answering"

    def let_end(self) -> None:
        """Wait until the answer is over."""
        self.stage.await_("an answer ends", lambda: self.stage.look() != "answering", ENDED_WITHIN_S)

    def come_to_rest(self) -> None:
        """All keys and pedals up, the answer over, and every release said again."""
        self.hear_answer()
        self.let_end()
        time.sleep(REPEATED_S)

    def panic(self) -> None:
        """The keyboard's own: all sound off."""
        self.stage.play(control(ALL_SOUND_OFF, 0))
