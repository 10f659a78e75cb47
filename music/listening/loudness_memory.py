"""How loud somebody has just been playing, and how loud that makes the next note.

A performer's loudness differs from that of any music a model was trained on, and is much the same from one
note to the next, in the same register above all. So the notes that were heard last are remembered, and of
each bin of velocity it is said how likely it is for a key: the nearer a note is, in time and on the keyboard,
the more it counts. What a model says and what is remembered are mixed.

Knows keys and bins of velocity. Must not know models.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from music.notes import KEYS
from music.tokens.scales import VELOCITY_BINS

# Of twelve validation pieces of MAESTRO, where these cost 2.49 nats a note beside the 3.19 of a model alone;
# half and twice as many notes, or semitones, or bins, came to between 2.49 and 2.62.
LASTING_NOTES = 16.0  # after so many more notes a note counts e times less
NEAR_KEYS = 6.0  # semitones: and so far away on the keyboard
STRAYING = 1.5  # bins (standard deviation)
SHARE = 0.75  # of the mixture, once enough has been heard
SOON = 3.0  # notes, after which it is half of that
KEPT = 96  # notes: what is longer ago counts a four-hundredth
_EVEN, _TURNING = 0.5, 0.02  # towards an even share, that far at each note: neither is silenced for good
_DOUBT = 0.3  # of a note, spread over all bins

Shares = NDArray[np.float64]
_BINS = np.arange(VELOCITY_BINS)


def _strayed() -> Shares:
    """For each bin that was heard (rows), how likely each bin is next."""
    near = np.exp(-0.5 * ((_BINS[None] - _BINS[:, None]) / STRAYING) ** 2)
    shares: Shares = near / near.sum(1, keepdims=True)
    return shares


_STRAYED = _strayed()


def share_of_memory(heard: int) -> float:
    """How much of the mixture is remembered, after so many notes."""
    return SHARE * heard / (heard + SOON)


def remembered(keys: Sequence[int], bins: Sequence[int], next_keys: NDArray[np.int64]) -> Shares:
    """How likely each bin of velocity is for each of these keys (keys x bins), after notes: their keys (0 to
    87) and bins (0 to 31), the latest last."""
    struck, loud = np.array(keys[-KEPT:], np.int64), np.array(bins[-KEPT:], np.int64)
    ago = np.arange(len(struck))[::-1]
    far = np.abs(struck[None] - next_keys[:, None])  # next keys x notes
    counts = np.exp(-ago / LASTING_NOTES)[None] * np.exp(-far / NEAR_KEYS)
    shares: Shares = (counts @ _STRAYED[loud] + _DOUBT / VELOCITY_BINS) / (
        counts.sum(1, keepdims=True) + _DOUBT
    )
    return shares


def with_memory(events: NDArray[np.int64], nats: NDArray[np.float64]) -> NDArray[np.float64]:
    """What events (T x 3, as `event` numbers them) cost a model (T x 3: nats by field) that remembers, of
    each note, how loud those before it were.

    Whichever of the two has been right lately speaks louder: of players whom the model knows, the model.
    """
    struck = np.flatnonzero(events[:, 1] < KEYS)
    keys, bins = events[struck, 1].tolist(), (events[struck, 2] - 1).tolist()
    mixed, share = nats.copy(), SHARE
    for heard, (place, key, loud) in enumerate(zip(struck.tolist(), keys, bins, strict=True)):
        before = slice(max(heard - KEPT, 0), heard)
        of_memory = remembered(keys[before], bins[before], np.array([key]))[0, loud]
        both = (1 - share) * np.exp(-nats[place, 2]) + share * of_memory
        mixed[place, 2] = -np.log(both)
        share = _TURNING * _EVEN + (1 - _TURNING) * share * of_memory / both
    return mixed
