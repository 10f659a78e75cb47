"""Another model while it plays: it takes over when it is ready, and what breaks changes nothing."""

from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Event as Flag

from music.settings import SettingError
from realtime.answerers.answerer import Answerer
from realtime.engine.desks.changing import ModelChanger
from realtime.rows.turned import ModelStands
from tests.support.clock import ManualClock
from tests.support.ports import ScriptedAnswerer
from tests.support.waiting import PATIENCE_S

BEGINS = ModelStands(0.0, "first", "first in one line", "none", "none")


@dataclass
class Ready:
    answerer: Answerer
    file: str = "mine.onnx"
    remarks: tuple[str, ...] = ("a remark",)


@dataclass
class OnTheShelf:
    """Opens any name once it is let; `broken` can't be opened."""

    let: Flag = field(default_factory=Flag)
    begun: Flag = field(default_factory=Flag)
    opened: list[str] = field(default_factory=list)

    def meant(self, wish: str, now: str) -> str:
        if wish == "nobody":
            raise SettingError("no model is called 'nobody'; there are: first, second")
        return wish

    def open(self, name: str) -> Ready:
        self.begun.set()
        assert self.let.wait(PATIENCE_S)
        self.opened.append(name)
        if name == "broken":
            raise MemoryError
        return Ready(ScriptedAnswerer(name=f"{name} in one line"))


class Desk:
    """Keeps who was put there."""

    def __init__(self) -> None:
        self.answerers: list[Answerer] = []

    def change(self, answerer: Answerer) -> None:
        self.answerers.append(answerer)

    def ask(self, question: object) -> None:
        raise AssertionError("nobody asks here")

    def close(self) -> None: ...


@dataclass
class Stand:
    shelf: OnTheShelf = field(default_factory=OnTheShelf)
    desk: Desk = field(default_factory=Desk)
    out: SimpleQueue[ModelStands] = field(default_factory=SimpleQueue)

    def __post_init__(self) -> None:
        self.changer = ModelChanger(self.shelf, BEGINS, self.desk, ManualClock(7.0), self.out.put)

    def comes(self) -> ModelStands:
        return self.out.get(timeout=PATIENCE_S)


def test_wishing_waits_for_nothing_and_the_other_takes_over_when_it_is_ready() -> None:
    stand = Stand()
    stand.changer.wish("second")
    assert stand.shelf.begun.wait(PATIENCE_S)
    assert stand.desk.answerers == []
    stand.shelf.let.set()
    assert stand.comes() == ModelStands(
        7.0, "second", "second in one line", "none", "mine.onnx", remarks=("a remark",)
    )
    assert [answerer.name for answerer in stand.desk.answerers] == ["second in one line"]


def test_of_wishes_that_wait_the_newest_counts() -> None:
    stand = Stand()
    stand.changer.wish("second")
    assert stand.shelf.begun.wait(PATIENCE_S)
    for name in ("third", "fourth", "fifth"):
        stand.changer.wish(name)
    stand.shelf.let.set()
    assert [stand.comes().name for _ in range(2)] == ["second", "fifth"]
    assert stand.shelf.opened == ["second", "fifth"]


def test_what_breaks_is_refused_in_a_line_and_the_one_that_plays_plays_on() -> None:
    stand = Stand()
    stand.shelf.let.set()
    stand.changer.wish("broken")
    assert stand.comes() == BEGINS.still(7.0, "MemoryError; first plays on")
    stand.changer.wish("nobody")
    said = "no model is called 'nobody'; there are: first, second; first plays on"
    assert stand.comes() == BEGINS.still(7.0, said)
    assert stand.desk.answerers == []
    stand.changer.wish("second")
    assert stand.comes().refused is None


def test_the_one_that_plays_already_is_not_opened_again() -> None:
    stand = Stand()
    stand.shelf.let.set()
    stand.changer.wish("first")
    stand.changer.wish("second")
    assert stand.comes().name == "second"
    assert stand.shelf.opened == ["second"]
