"""What judging needs of a model: how surprised it is by each event, given the ones before.

A model in torch and an exported file both fit. Knows arrays of numbers alone; must not know a runtime.
"""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Events = NDArray[np.int64]  # B x T x 3, or T x 3 of one piece: gap, key, velocity as `event` numbers them
Nats = NDArray[np.float64]  # B x T x 3: of each field, given the fields before it and all events before
Sounding = NDArray[np.bool_]  # B x 88: which keys sound


class Scorer(Protocol):
    """A model as its judge sees it. Its state is a value, and what lies in it is its own affair."""

    @property
    def encoding(self) -> str:
        """The fingerprint of the encoding whose tokens it reads."""

    @property
    def lanes(self) -> int:
        """How many lanes side by side it reads best; more or fewer change no figure."""

    def begin(self, sounding: Sounding) -> Any:
        """The state of B lanes that have heard nothing; these keys sound, as if struck at this moment."""

    def score(self, state: Any, events: Events) -> tuple[Nats, Any]:
        """Nats of the next T events of each lane, by field, and the state after them.

        The velocity of a key going up costs nothing. An event that can't be (an up of a silent key) may cost
        any large number.
        """
