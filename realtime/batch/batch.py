"""Many performers on one model: whoever needs an event gets it from a call that all share.

How this works:

- Whoever `join`s has a seat: a state, and the event heard last, which that state does not contain yet.
- A seat can `hear` events that somebody played, and then `ask` for the next one. Both have a moment by which
  they should be done (`due`, in seconds on the clock of whoever asks).
- `step` makes one call of the model. The seat whose moment comes first decides whether it is a call in which
  events are drawn or, at half the cost, only heard; the others that wait for the same are taken along, those
  first whose moment comes first. Nobody waits for more rows to come: while a call runs, they gather.
- A long prompt is heard in pieces. Each has a moment of its own, and these are never closer than `PIECE_S`:
  so the notes of others come in between, and the prompt is done in time where there is time. A piece is heard
  in one step where nobody else waits.
- A moment stays where it is, and later wishes have later ones. So everyone's turn comes: nobody starves.
- What was drawn counts only when it is kept (`keep`). If not, the seat stands where it stood, and may ask
  again with other random numbers.

In full and half precision, who shares a call changes nothing but the rounding. In eight bits all rows of a
call share the scale of their activations, so they do change each other a little (docs/decisions/040).

Knows slots and moments as numbers. Must not know a session, clocks, threads, ports, music or who sits where.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf

from realtime.batch.slots import SILENT, Ask, Slots
from realtime.inference.session import EventToken, ModelState

MOST_ROWS = 64  # in one call; more of them keep the first one waiting, and bring little (docs/decisions/040)
PIECE = 16  # events of a prompt that are due together
PIECE_S = 0.005  # between the moments of two pieces: what sixteen events take, and as much again for others


@dataclass(frozen=True, slots=True)
class Drawn:
    """A seat's next event, and the cells until it."""

    seat: int
    event: EventToken
    cells: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """Events to hear, and by when."""

    events: deque[EventToken]
    due: float


@dataclass
class _Seat:
    """A performer's place."""

    number: int
    slot: int
    last: EventToken
    pieces: deque[_Piece] = field(default_factory=deque)
    ask: Ask | None = None
    asked_due: float = inf

    @property
    def waits(self) -> bool:
        """Whether it needs a call."""
        return bool(self.pieces) or self.ask is not None

    @property
    def hears(self) -> bool:
        """Whether it has to hear before anything can be drawn."""
        return bool(self.pieces)

    @property
    def due(self) -> float:
        """The moment by which the next thing should be done; what is heard first is as urgent as what waits
        for it."""
        return min(self.pieces[0].due, self.asked_due) if self.pieces else self.asked_due


class Batch:
    """Performers side by side. Not to be called from two threads at once."""

    def __init__(self, slots: Slots, most_rows: int = MOST_ROWS) -> None:
        self._slots, self._most_rows = slots, most_rows
        self._seats: dict[int, _Seat] = {}
        self._joined = 0
        self._made: dict[int, int] = {}  # by the last draw: the slot of each seat's state after it

    @property
    def is_idle(self) -> bool:
        """Whether nobody waits for anything."""
        return not any(seat.waits for seat in self._seats.values())

    @property
    def due(self) -> float | None:
        """The moment that comes first; None while nobody waits."""
        return min((seat.due for seat in self._seats.values() if seat.waits), default=None)

    def join(self, before: ModelState | None, last: EventToken) -> int:
        """A seat for a performer who stands here: the state before the event heard last (of one lane; None
        before anything was played), and that event."""
        if before is None:
            return self._seated(self._slots.share(SILENT), last)
        slot = self._slots.take()
        self._slots.put(slot, before)
        return self._seated(slot, last)

    def join_beside(self, seat: int) -> int:
        """A seat for one more who stands where this one stands; nothing is copied."""
        place = self._seats[seat]
        return self._seated(self._slots.share(place.slot), place.last)

    def leave(self, seat: int) -> None:
        """Give the seat up, whatever it waits for."""
        self._slots.give_back(self._seats.pop(seat).slot)
        if seat in self._made:
            self._slots.give_back(self._made.pop(seat))

    def standing(self, seat: int) -> tuple[ModelState, EventToken]:
        """Where a seat stands, as a value: the state before the event heard last, and that event."""
        place = self._seats[seat]
        return self._slots.state(place.slot), place.last

    def hear(self, seat: int, events: Sequence[EventToken], now: float, due: float) -> None:
        """Let a seat hear events, in order, the last of them by `due`; the pieces' moments lie evenly between
        now and then."""
        place = self._seats[seat]
        assert place.ask is None, "it waits for an event already: what it hears now would come too late"
        cut = [events[first : first + PIECE] for first in range(0, len(events), PIECE)]
        apart_s = max((due - now) / max(len(cut), 1), PIECE_S)
        begins = max(now, place.pieces[-1].due) if place.pieces else now
        place.pieces.extend(
            _Piece(deque(piece), begins + apart_s * (number + 1)) for number, piece in enumerate(cut)
        )

    def ask(self, seat: int, ask: Ask, due: float) -> None:
        """Let a seat have its next event by `due`, once all that it is to hear is heard."""
        place = self._seats[seat]
        place.ask, place.asked_due = ask, due

    def step(self) -> list[Drawn]:
        """One call of the model; the events that it drew, none if it only heard or nobody waits."""
        for slot in self._made.values():  # it was not kept
            self._slots.give_back(slot)
        self._made.clear()
        waiting = sorted((seat for seat in self._seats.values() if seat.waits), key=lambda seat: seat.due)
        if not waiting:
            return []
        hears = waiting[0].hears
        rows = [seat for seat in waiting if seat.hears == hears][: self._most_rows]
        if not hears:
            return self._draw(rows)
        if len(waiting) == 1:
            self._hear_piece(rows[0])
        else:
            self._hear(rows)
        return []

    def keep(self, seat: int, event: EventToken) -> None:
        """What was drawn for a seat in the last step has happened, as this event."""
        self._stand(self._seats[seat], self._made.pop(seat), event)

    def _seated(self, slot: int, last: EventToken) -> int:
        self._joined += 1
        self._seats[self._joined] = _Seat(self._joined, slot, last)
        return self._joined

    def _stand(self, seat: _Seat, slot: int, last: EventToken) -> None:
        self._slots.give_back(seat.slot)
        seat.slot, seat.last = slot, last

    def _hear_piece(self, seat: _Seat) -> None:
        """A whole piece of a seat for which nobody has to wait."""
        *others, newest = seat.pieces.popleft().events
        into = self._slots.take()
        self._slots.hear_in_order([seat.last, *others], seat.slot, into)
        self._stand(seat, into, newest)

    def _hear(self, rows: list[_Seat]) -> None:
        """One event of each."""
        into = [self._slots.take() for _ in rows]
        self._slots.hear([seat.last for seat in rows], [seat.slot for seat in rows], into)
        for seat, slot in zip(rows, into, strict=True):
            piece = seat.pieces[0].events
            self._stand(seat, slot, piece.popleft())
            if not piece:
                seat.pieces.popleft()

    def _draw(self, rows: list[_Seat]) -> list[Drawn]:
        into = [self._slots.take() for _ in rows]
        events, cells = self._slots.draw(
            [seat.last for seat in rows],
            [seat.ask for seat in rows if seat.ask is not None],
            [seat.slot for seat in rows],
            into,
        )
        drawn = []
        for seat, slot, event, until in zip(rows, into, events, cells, strict=True):
            seat.ask, seat.asked_due = None, inf
            self._made[seat.number] = slot
            drawn.append(Drawn(seat.number, event, until))
        return drawn
