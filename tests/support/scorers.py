"""Scorers whose answers a person can work out: what judging is tested with."""

from typing import Any

import numpy as np

from evaluation.scoring.scorer import Events, Nats, Sounding
from music.encodings.event import EventEncoding
from music.notes import KEYS


class UniformScorer:
    """Thinks every gap, key and velocity equally likely, whatever was played; `begun` keeps each start."""

    encoding = EventEncoding().fingerprint
    lanes = 16
    sizes = (141, 176, 32)

    def __init__(self) -> None:
        self.begun: list[Sounding] = []

    def begin(self, sounding: Sounding) -> None:
        """Nothing to remember."""
        self.begun.append(sounding)

    def score(self, state: None, events: Events) -> tuple[Nats, None]:
        """log(size) each; a velocity costs nothing where a key goes up."""
        nats = np.tile(np.log(self.sizes), (*events.shape[:2], 1))
        nats[..., 2] *= events[..., 1] < KEYS
        return nats, state


class MemoryScorer:
    """Charges 1 / (events heard since the beginning + 1) for each gap and nothing else.

    So what is remembered can be counted.
    """

    encoding = EventEncoding().fingerprint
    lanes = 16

    def begin(self, sounding: Sounding) -> Any:
        """No lane has heard anything."""
        return np.zeros(len(sounding))

    def score(self, state: Any, events: Events) -> tuple[Nats, Any]:
        """By how much was heard."""
        lanes, length, _ = events.shape
        nats = np.zeros(events.shape)
        nats[..., 0] = 1 / (state[:, None] + np.arange(length) + 1)
        return nats, state + np.full(lanes, float(length))
