"""What a listener is to do next: the check, the example, the clips in their order, and then nothing more.

It follows from what is on record, so whoever comes back goes on where they were. Nothing can be skipped, and
nothing rated sooner than it can have been heard. Must not know HTTP, nor who plays in a clip.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from listening.folder import ClipFile, ListeningTest
from listening.headphones import ATTEMPTS, QUESTIONS, RIGHT_NEEDED, right, tones_for
from listening.ratings import Listener, Ratings
from listening.square import heard_by, rounds

CHECK, EXAMPLE, CLIPS, END = "check", "example", "clips", "end"
_LONGEST_SENT = 64  # characters
_HEARD = 0.9  # of the length of a round's clips must have passed since they were handed over: clocks differ


class NotNow(Exception):
    """What is asked for can't be had at this step, and why."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One listener at one test."""

    test: ListeningTest
    ratings: Ratings
    listener: Listener

    def step(self) -> str:
        """What is to be done: `CHECK`, `EXAMPLE`, `CLIPS` or `END`."""
        checks, steps = self.ratings.checks(self.listener), self.ratings.steps(self.listener)
        if not any(checks) and len(checks) < ATTEMPTS:
            return CHECK
        if EXAMPLE not in steps:
            return EXAMPLE
        return CLIPS if self._next_round(steps) is not None else END

    def state(self) -> dict[str, Any]:
        """All that the page needs to show the step."""
        scale, step = self.test.scale, self.step()
        state: dict[str, Any] = {
            "test": self.test.id,
            "title": self.test.title,
            "question": scale.question,
            "values": list(scale.values),
            "words": dict(scale.words),
            "sound": self.test.sound,
            "step": step,
        }
        if step == CHECK:
            attempt = len(self.ratings.checks(self.listener))
            tones = tones_for(self.listener.secret, attempt)
            return state | {"attempt": attempt, "tones": [[one.softest, one.out_of_phase] for one in tones]}
        if step == EXAMPLE:
            return state | {"clips": [_shown(self.test.example)]}
        return state | (self._round_state() if step == CLIPS else {})

    def check(self, attempt: int, answers: list[int], at: float) -> None:
        """The headphone check is answered."""
        if len(answers) != QUESTIONS:
            raise NotNow(f"{QUESTIONS} answers are needed")
        if self.step() == CHECK and attempt == len(self.ratings.checks(self.listener)):
            passed = right(answers, self.listener.secret, attempt) >= RIGHT_NEEDED
            self.ratings.checked(self.listener, attempt, answers, at, passed=passed)

    def serve(self, name: str, at: float) -> None:
        """A clip is handed over: one of this step's."""
        self.check_served(name)
        self.ratings.served(self.listener, name, at)

    def check_served(self, name: str) -> None:
        """Refuse a clip that isn't of this step."""
        if name not in {clip.name for clip in self._clips()}:
            raise NotNow("this clip isn't to be heard now")

    def rate(self, name: str, value: int, sent: str, at: float) -> None:
        """A tap on the scale, on a clip of this round that has been heard."""
        together = self._clips()
        if self.step() != CLIPS or name not in {clip.name for clip in together}:
            raise NotNow("this clip isn't to be rated now")
        if type(value) is not int or value not in self.test.scale.values:
            raise NotNow(f"the scale has no {value!r}")
        if not sent or len(sent) > _LONGEST_SENT:
            raise NotNow("a rating has an identity of its own")
        self._check_heard(together, at)
        self.ratings.rate(self.listener, name, value, sent, at)

    def go_on(self, step: str, at: float) -> None:
        """The example is heard, or a round is rated; `step` says which, so that asking twice goes on once."""
        steps = self.ratings.steps(self.listener)
        if step in steps:
            return
        now = self.step()
        if now == EXAMPLE and step == EXAMPLE:
            self._check_heard([self.test.example], at)
        elif now != CLIPS or step != _name(self._next_round(steps)):
            raise NotNow("that isn't the step to go on from")
        elif not {clip.name for clip in self._clips()} <= self.ratings.values(self.listener).keys():
            raise NotNow("each clip is to be rated first")
        self.ratings.went_on(self.listener, step, at)

    def is_done(self) -> bool:
        """Whether all is rated."""
        return self.step() == END

    def _round_state(self) -> dict[str, Any]:
        number = self._next_round(self.ratings.steps(self.listener))
        values = self.ratings.values(self.listener)
        return {
            "round": _name(number),
            "number": number,
            "of": len(self._rounds()),
            "clips": [
                _shown(clip) | ({"value": values[clip.name]} if clip.name in values else {})
                for clip in self._clips()
            ],
        }

    def _clips(self) -> list[ClipFile]:
        """What may be heard now."""
        step = self.step()
        if step == EXAMPLE:
            return [self.test.example]
        number = self._next_round(self.ratings.steps(self.listener)) if step == CLIPS else None
        return [] if number is None else self._rounds()[number]

    def _rounds(self) -> list[list[ClipFile]]:
        places = heard_by(self.listener.number - 1, len(self.test.items), self.test.columns)
        return [
            [self.test.items[item][column] for item, column in round_]
            for round_ in rounds(places, self.test.scale.together)
        ]

    def _next_round(self, steps: set[str]) -> int | None:
        """The first that isn't behind them."""
        return next((number for number in range(len(self._rounds())) if _name(number) not in steps), None)

    def _check_heard(self, together: Sequence[ClipFile], at: float) -> None:
        """Refuse before all that sounds back to back can have sounded, since the last of it was here."""
        since = [self.ratings.served_at(self.listener, clip.name) for clip in together]
        known = [one for one in since if one is not None]
        lasts = sum(clip.seconds for clip in together)
        if len(known) < len(since) or at - max(known) < _HEARD * lasts:
            raise NotNow("it is to be heard to its end first")


def _name(number: int | None) -> str:
    return f"round {number}"


def _shown(clip: ClipFile) -> dict[str, Any]:
    return {"clip": clip.name, "seconds": clip.seconds}
