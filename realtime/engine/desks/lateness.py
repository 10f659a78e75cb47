"""Says that answers come late, or not at all, and what helps: once, and then seldom.

A watcher of the loop. Knows what the loop did. Must not know who answers, or where lines go.
"""

from collections.abc import Callable

from realtime.performer.actions import TurnChanged
from realtime.performer.events import WentOn
from realtime.performer.phases import Phase, Reason
from realtime.rows.turned import Turned

HEARD_AS_LATE_S = 0.5  # later than it was meant to be, as a whole; less is a breath
SAID_EVERY_S = 300.0
REMEDY = "end what else keeps this machine busy, or choose a lighter model (none answers at once)"


class Lateness:
    """Watches how late the model is; `say` gets a line, on the loop's thread."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._pardoned_s = 0.0  # that a pause has cost
        self._said_at: float | None = None

    def __call__(self, turned: Turned) -> None:
        """Watch the loop."""
        state, delay_s = turned.state, turned.state.agenda.delay_s
        if isinstance(turned.event, WentOn):
            self._pardoned_s = delay_s
        elif state.answer is None:
            self._pardoned_s = 0.0
        if any(
            isinstance(action, TurnChanged) and action.reason is Reason.ANSWER_OVERDUE
            for action in turned.actions
        ):
            self._say_once(
                turned.sent_at, f"no answer came in {turned.rules.patience_s:g} s: Enter asks again"
            )
        elif state.phase is Phase.ANSWERING and delay_s - self._pardoned_s > HEARD_AS_LATE_S:
            self._say_once(turned.sent_at, f"the answer is {delay_s - self._pardoned_s:.1f} s late")

    def _say_once(self, at: float, what: str) -> None:
        if self._said_at is None or at - self._said_at >= SAID_EVERY_S:
            self._said_at = at
            self._say(f"{what}; {REMEDY}")
