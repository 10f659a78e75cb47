"""The loop: take an item, step, send, and only then let others know.

One thread runs it. Knows the performer, the outputs, the desk and the inbox by their faces; must not know
drivers, files, terminals or pages: those watch.
"""

import logging
from collections.abc import Callable, Sequence

from music.notes import KeyEvent
from music.pedal import SILENT_KEYBOARD
from realtime.engine.answering import Desk
from realtime.engine.clock import Clock
from realtime.engine.controls import Controls
from realtime.engine.inbox import Inbox, Incoming, Item
from realtime.engine.outputs import Outputs
from realtime.midi import wire
from realtime.performer.actions import Action, AskForAnswer, AskForMore, PassOn, WakeAt
from realtime.performer.events import Event, KeyUp, Woke
from realtime.performer.phases import Phase
from realtime.performer.state import FRESH, State
from realtime.performer.turns import foreseen, step
from realtime.rows.turned import ControlMoved, Turned, Watcher

ECHO_S = (
    0.03  # what comes back within this, just as it was sent, is our own, from a loop of cables or a synth
)
REMEMBERED_MESSAGES = 512

log = logging.getLogger(__name__)


Hear = Callable[
    [tuple[KeyEvent, ...], AskForAnswer | None], None
]  # a call, and what will be asked for if it has ended


class Loop:
    """The instrument, running. `failure` is set if it ended by a fault of its own."""

    def __init__(
        self,
        clock: Clock,
        inbox: Inbox,
        outputs: Outputs,
        desk: Desk,
        controls: Controls,
        watchers: Sequence[Watcher] = (),
        *,
        hear: Hear | None = None,
    ) -> None:
        """`hear` gets each call as it grows; with a file nobody needs it, as time stands still meanwhile."""
        self.state: State = FRESH
        self.failure: Exception | None = None
        self.echoes = 0
        self.controls = controls
        self._clock, self._inbox, self._outputs, self._desk = clock, inbox, outputs, desk
        self._watchers = list(watchers)
        self._hear = hear
        self._alarm: float | None = None
        self._sent: dict[bytes, float] = {}

    @property
    def alarm(self) -> float | None:
        """When it wakes by itself, in seconds; None while it waits for others alone."""
        return self._alarm

    def watch(self, watcher: Watcher) -> None:
        """Let one more know, from the next event on."""
        self._watchers.append(watcher)

    def run(self) -> None:
        """Until the instrument is put away. Whatever goes wrong, nothing is left sounding."""
        try:
            while self.state.phase is not Phase.CLOSED:
                self.take(self._inbox.next(self._alarm))
        except Exception as failure:  # the last one: silence first, then the traceback
            self.failure = failure
            for note in self.state.agenda.sounding:  # not every synth knows "all notes off"
                self._outputs.send(wire.released(note.channel, note.pitch))
            self._outputs.silence()
            log.exception("the loop failed; everything has been silenced")
        finally:
            self._desk.close()

    def take(self, item: Item | None) -> None:
        """One item, or None for the alarm."""
        if item is None:
            self._alarm = None
            self._step(Woke(self._clock.now()))
        elif isinstance(item, Incoming):
            self._take_message(item)
        elif isinstance(item, ControlMoved):
            self._move(item)
        else:
            self._step(item)

    def _take_message(self, incoming: Incoming) -> None:
        played = wire.read(incoming.message, incoming.at, incoming.source)
        if played is None:
            return
        if self._is_echo(incoming, played):
            self.echoes += 1
        elif isinstance(played, wire.OtherMessage):
            self._pass_on(incoming.message)
        elif not isinstance(played, wire.ControllerTurned):
            self._step(played, incoming.message)
        elif (wishes := self.controls.wishes_of(played)) is None:
            self._pass_on(incoming.message)
        else:
            for wish in wishes:
                self.take(wish)

    def _step(self, event: Event, message: bytes | None = None) -> None:
        """One step; where the player's event came as a message, that is what is passed on."""
        before, rules = self.state, self.controls.rules
        self.state, actions = step(before, event, rules)
        for action in actions:
            if message is not None and isinstance(action, PassOn) and action.event is event:
                self._pass_on(message)
            else:
                self._send(action)
        sent_at = self._clock.now()
        for action in actions:
            self._arrange(action)
        if self.state.phase is Phase.CALLING and self.state.call is not before.call:
            self._let_hear()
        self._tell(Turned(event, actions, sent_at, self.state, rules))

    def _let_hear(self) -> None:
        """The call as far as it has come, and what will be asked for if it has ended."""
        if self._hear is not None:
            self._hear(self.state.call, foreseen(self.state, self.controls.rules))

    def _tell(self, turned: Turned) -> None:
        for watcher in self._watchers:
            watcher(turned)

    def _move(self, moved: ControlMoved) -> None:
        if self.controls.move(moved):
            if self.state.phase is Phase.CALLING:
                self._let_hear()
            self._tell(Turned(moved, (), moved.at, self.state, self.controls.rules))

    def _pass_on(self, message: bytes) -> None:
        """One of the player's messages, as it came."""
        if self._outputs.thru:
            self._outputs.send(message)
            self._remember(message)

    def _send(self, action: Action) -> None:
        for message in self._outputs.messages_of(action):
            self._outputs.send(message)
            self._remember(message)

    def _remember(self, message: bytes) -> None:
        if len(self._sent) >= REMEMBERED_MESSAGES:
            self._sent.clear()
        self._sent[message] = self._clock.now()

    def _arrange(self, action: Action) -> None:
        if isinstance(action, WakeAt):
            self._alarm = action.at
        elif isinstance(action, AskForAnswer | AskForMore):
            self._desk.ask(action)

    def _is_echo(self, incoming: Incoming, played: wire.Played) -> bool:
        """Whether it is what we sent a moment ago; passed on again, it would go round for ever.

        No finger strikes one key twice so fast. The release of a key that is held where it came from is never
        an echo: left out, the key would be held for ever.
        """
        sent_at = self._sent.get(incoming.message)
        if sent_at is None or abs(incoming.at - sent_at) >= ECHO_S:
            return False
        if not isinstance(played, KeyUp):
            return True
        keyboard = self.state.keyboards.get((played.source, played.channel), SILENT_KEYBOARD)
        return not keyboard.held >> played.pitch & 1
