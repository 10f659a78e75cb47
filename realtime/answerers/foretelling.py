"""Which keys a model expects to go down next: one call of it, in which several draws lie evenly over its
chances.

Knows a session. Must not know calls, nor who looks.
"""

from collections import Counter
from collections.abc import Mapping

import numpy as np

from music.notes import KEYS, LOWEST_KEY
from realtime.inference.bundle import LANES
from realtime.inference.session import EventToken, LaneInputs, ModelSession, ModelState

DRAWS = 12
_STRIDE = 5  # without a divisor in common with the draws: gaps and keys are paired off differently
_WARMTH = (1.0, 1.0, 1.0)  # as it learnt it
_ALL = 1.0  # of its chances, the unlikely ones too


def likely_keys(session: ModelSession, before: ModelState, last: EventToken) -> Mapping[int, float]:
    """Pitches by the share of draws that they have, where the event heard last is `last`, and `before` the
    state (of one lane) from before it."""
    shapes = [state.shape for state in session.bundle.header.states]
    lanes = tuple(
        np.repeat(part, DRAWS, shape.index(LANES))
        for part, shape in zip(session.on_host(before), shapes, strict=True)
    )
    places = (np.arange(DRAWS) + 0.5) / DRAWS
    chance = np.stack([places[np.arange(DRAWS) * _STRIDE % DRAWS], places, places], axis=1)
    only_down = np.concatenate([np.ones(KEYS, np.float32), np.zeros(KEYS, np.float32)])
    events, _, _ = session.step_lanes(
        LaneInputs(
            events=np.tile(np.array(last, np.int64), (DRAWS, 1)),
            chance=chance.astype(np.float32),
            key_mask=np.tile(only_down, (DRAWS, 1)),
            gap_at_least=np.zeros(DRAWS, np.int64),
            temperature=np.tile(np.array(_WARMTH, np.float32), (DRAWS, 1)),
            top_p=np.full(DRAWS, _ALL, np.float32),
        ),
        lanes,
    )
    struck = Counter(int(key) + LOWEST_KEY for _, key, _ in events.tolist() if key < KEYS)
    return {pitch: count / DRAWS for pitch, count in struck.most_common()}
