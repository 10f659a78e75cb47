"""A preset is kept on a thread of its own, and can be recalled as soon as the loop has heard of it."""

from realtime.engine.controls import Controls
from realtime.engine.desks.answering import PromptDesk
from realtime.engine.inbox import Incoming
from realtime.engine.loop import Loop
from realtime.engine.outputs import Outputs
from realtime.engine.preset_keeper import Moves, PresetKeeper
from realtime.performer.player.split import Split
from realtime.performer.rules import Rules
from realtime.rows.rows import Rows
from realtime.rows.turned import ControlMoved, PresetStands, PresetWished, Pressed, Turned
from tests.support.clock import ManualClock, ManualInbox
from tests.support.ports import ScriptedAnswerer
from tests.support.waiting import wait_until


class Stage:
    """A loop, and a drawer that presets are kept in."""

    def __init__(self) -> None:
        self.clock = ManualClock(1.0)
        self.inbox = ManualInbox(self.clock)
        self.drawer: dict[str, Moves] = {}
        self.seen: list[Turned] = []
        self.controls = Controls(Rules(split=Split(60)))
        self.loop = Loop(
            *(self.clock, self.inbox, Outputs()),
            PromptDesk(ScriptedAnswerer(), self.clock, self.inbox.put),
            self.controls,
            [self.seen.append],
            wish_preset=PresetKeeper(self.keep, self.clock, self.inbox.put).wish,
        )

    def keep(self, name: str, moves: Moves) -> tuple[int, tuple[str, ...], str]:
        if name == "full":
            raise OSError("the disk is full")
        self.drawer[name] = moves
        return 4, tuple(self.drawer), f"preset {name} kept"

    def wish(self, name: str) -> PresetStands:
        """Ask for a preset to be kept, and take what comes of it."""
        self.loop.take(PresetWished(self.clock.now(), name))
        wait_until(lambda: bool(self.inbox.items))
        (stands,) = self.inbox.items
        self.loop.take(self.inbox.next(None))
        assert isinstance(stands, PresetStands)
        return stands


def test_where_all_controls_stand_is_kept_and_recalled_by_name_and_by_program() -> None:
    stage = Stage()
    stage.loop.take(ControlMoved(1.0, "temperature", 0.25))
    stage.wish("verse")
    assert (
        dict(stage.drawer["verse"]).items() >= {"temperature": 0.25, "split": "C4-up", "mode": "call"}.items()
    )
    for recall in (Pressed(2.0, "verse"), Incoming(2.0, 1, bytes((0xC0, 4)))):
        stage.loop.take(ControlMoved(1.5, "temperature", 2.0))
        stage.loop.take(ControlMoved(1.5, "split", "none"))
        stage.loop.take(recall)
        assert stage.controls.rules.knobs.temperature == 0.25
        assert stage.controls.rules.split == Split(60)


def test_whoever_watches_gets_the_names_and_a_line() -> None:
    stage = Stage()
    stage.wish("verse")
    stage.wish("solo")
    rows = Rows()
    found = [row for turned in stage.seen for row in rows.of(turned) if row["kind"] in ("presets", "line")]
    assert [row.get("names", row.get("text")) for row in found] == [
        *(["verse"], "preset verse kept", ["verse", "solo"], "preset solo kept")
    ]


def test_what_can_not_be_kept_is_said_and_the_next_one_is() -> None:
    stage = Stage()
    stands = stage.wish("full")
    assert stands.text == "no preset 'full': the disk is full"
    assert stage.controls.called("full", 1.0) == ()
    stage.wish("solo")
    assert stage.controls.called("solo", 1.0)
