"""A trace as a test: what it writes is a program that runs, whatever the rules in it say."""

from realtime.kept.pinned import written
from realtime.knobs import Pause
from realtime.performer.events import KeyDown, KeyUp, Paused, WentOn
from realtime.performer.player.split import Split
from realtime.performer.rules import DEFAULT_RULES, Rules


def test_a_test_with_rules_that_are_not_as_usual_runs() -> None:
    rules = Rules(split=Split(60, goes_up=False), pause=Pause.CAUGHT_UP)
    events = (KeyDown(1.0, 50, 80), Paused(1.1), WentOn(1.2), KeyUp(1.3, 50))
    taken = [(event, rules if place % 2 else DEFAULT_RULES) for place, event in enumerate(events)]
    names: dict[str, object] = {}
    exec(compile(written(taken, "night", as_it_does=True), "pinned", "exec"), names)
    tests = [value for name, value in names.items() if name.startswith("test_")]
    assert len(tests) == 2
    for test in tests:
        test()  # type: ignore[operator]
