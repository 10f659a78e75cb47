"""Lines wait in order, and of what shows a state only the newest waits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.rows.backlog import Backlog


def popped(backlog: Backlog) -> list[str]:
    return [backlog.pop() for _ in range(len(backlog))]


def test_first_in_is_first_out_and_the_newest_of_a_state_takes_its_place_at_the_end() -> None:
    backlog = Backlog()
    backlog.put("a")
    backlog.put("quiet 1", "quiet")
    backlog.put("b")
    backlog.put("quiet 2", "quiet")
    assert popped(backlog) == ["a", "b", "quiet 2"]
    backlog.put("quiet 3", "quiet")
    assert popped(backlog) == ["quiet 3"]
    with pytest.raises(KeyError):
        backlog.pop()


def test_what_is_forgotten_does_not_come_back() -> None:
    backlog = Backlog()
    backlog.put("a", "state")
    backlog.clear()
    backlog.put("b", "state")
    assert popped(backlog) == ["b"]


@given(st.lists(st.sampled_from(["pop", "plain", "x", "y"])))
def test_plain_lines_are_never_lost_and_the_newest_of_each_state_always_comes(steps: list[str]) -> None:
    backlog, came, plain, newest = Backlog(), list[str](), list[str](), dict[str, str]()
    for place, step in enumerate(steps):
        if step == "pop":
            came += [backlog.pop()] if backlog else []
            continue
        line = f"{step} {place}"
        backlog.put(line, None if step == "plain" else step)
        if step == "plain":
            plain.append(line)
        else:
            newest[step] = line
    came += popped(backlog)
    assert [line for line in came if line.startswith("plain")] == plain
    for state, line in newest.items():
        assert [each for each in came if each.startswith(state)][-1] == line
