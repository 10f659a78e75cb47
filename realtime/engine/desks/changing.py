"""Another model while it plays: opened on a thread of its own, and given to the desk when it is ready.

Until then the one that plays plays on, and so it does if the other can't be opened. Of wishes that wait, the
newest counts. An answer that is under way is finished by the one who began it; the next one comes from the
new. Knows a shelf by its face. Must not know files, models or pages.
"""

import logging
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Thread
from typing import Protocol

from realtime.answerers.answerer import Answerer
from realtime.engine.clock import Clock
from realtime.engine.desks.answering import ChangingDesk
from realtime.rows.turned import ModelStands

log = logging.getLogger(__name__)


class Ready(Protocol):
    """An answerer that was opened, and what is worth knowing of it, a line each."""

    @property
    def answerer(self) -> Answerer:
        """Who answers."""
        ...

    @property
    def file(self) -> str:
        """What to ask for to have it again."""
        ...

    @property
    def remarks(self) -> Sequence[str]:
        """What is worth knowing."""
        ...


class Choice(Protocol):
    """Who can answer, by name; what is raised says why one can't."""

    def meant(self, wish: str, now: str) -> str:
        """The name that a wish means, where `now` is the one that plays."""
        ...

    def open(self, name: str) -> Ready:
        """The answerer of a name, opened; this may take a while."""
        ...


class ModelChanger:
    """Changes who answers. `wish` is called on any thread and never waits; `put` gets how it came out."""

    def __init__(
        self,
        shelf: Choice,
        begins: ModelStands,
        desk: ChangingDesk,
        clock: Clock,
        put: Callable[[ModelStands], None],
    ) -> None:
        self._shelf, self._desk, self._clock, self._put = shelf, desk, clock, put
        self._stands = begins
        self._wishes: SimpleQueue[str] = SimpleQueue()
        self._thread: Thread | None = None

    def wish(self, name: str) -> None:
        """Let this one answer from now on."""
        self._wishes.put(name)
        if self._thread is None:  # the first wish: most performances have none
            self._thread = Thread(target=self._work, name="models", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            wish = self._wishes.get()
            while not self._wishes.empty():
                wish = self._wishes.get()
            stands = self._changed(wish)
            if stands is not None:
                self._stands = stands
                self._put(stands)

    def _changed(self, wish: str) -> ModelStands | None:
        """How things stand after a wish; None where it plays already."""
        now = self._stands
        try:
            name = self._shelf.meant(wish, now.name)
            if name == now.name:
                return None
            ready = self._shelf.open(name)
        except Exception as reason:
            log.debug("no change of model", exc_info=True)
            said = f"{str(reason) or type(reason).__name__}; {now.name} plays on"
            return now.still(self._clock.now(), said)
        self._desk.change(ready.answerer)
        answerer = ready.answerer
        return ModelStands(
            self._clock.now(),
            name,
            answerer.name,
            answerer.device,
            ready.file,
            remarks=tuple(ready.remarks),
        )
