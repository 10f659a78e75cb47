"""Settings by name: what is right is read, what is wrong is refused with the remedy."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from music.settings import SettingError, check_least, check_shares, settings_from


@dataclass(frozen=True, slots=True)
class Inner:
    depth: int = 1


@dataclass(frozen=True, slots=True)
class Outer:
    width: int
    rate: float = 0.5
    loud: bool = False
    name: str = "x"
    limit: float | None = None
    steps: tuple[float, ...] = (1.0,)
    inner: Inner = field(default_factory=Inner)


def read(**given: Any) -> Outer:
    return settings_from(Outer, given, "outer")


def test_what_is_left_out_keeps_its_default() -> None:
    assert read(width=3) == Outer(3)


def test_text_is_read_as_the_settings_type() -> None:
    settings = read(width="3", rate="2", loud="yes", limit="1.5", steps="0.5, 2", name="12")
    assert settings == Outer(3, 2.0, True, "12", 1.5, (0.5, 2.0))


def test_a_whole_number_does_for_a_broken_one_and_none_for_an_absent_one() -> None:
    assert read(width=3, rate=2, limit="none") == Outer(3, 2.0)


def test_a_section_is_read_within() -> None:
    assert read(width=3, inner={"depth": 4}).inner == Inner(4)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"width": 3, "rat": 1}, "outer has no setting 'rat'; did you mean 'rate'? there are: width, rate"),
        ({}, "outer needs width"),
        ({"width": 2.5}, "outer: width is a whole number, not 2.5"),
        ({"width": True}, "outer: width is a whole number, not True"),
        ({"width": "three"}, "outer: width is a whole number, not 'three'"),
        ({"width": 3, "loud": "perhaps"}, "outer: loud is true or false, not 'perhaps'"),
        ({"width": 3, "name": 5}, "outer: name is a word, not 5"),
        ({"width": 3, "steps": 5}, "outer: steps is a list, not 5"),
        ({"width": 3, "inner": 5}, "outer: inner is a section of settings, not 5"),
        ({"width": 3, "inner": {"deep": 5}}, "outer: inner has no setting 'deep'"),
        ({"width": None}, "outer: width is a whole number, not None"),
    ],
)
def test_what_can_not_be_is_refused_with_the_remedy(given: dict[str, Any], complaint: str) -> None:
    with pytest.raises(SettingError) as refused:
        read(**given)
    assert complaint in str(refused.value)


def test_a_number_below_the_least_is_refused_by_name() -> None:
    check_least(Outer(1), 1, "width")
    with pytest.raises(SettingError, match="width is 1 or more, not 0"):
        check_least(Outer(0, rate=2.0), 1, "rate", "width")


@pytest.mark.parametrize("rate", [-0.1, 1.0, float("nan")])
def test_a_share_is_less_than_all(rate: float) -> None:
    check_shares(Outer(1, rate=0.0), "rate")
    with pytest.raises(SettingError, match="rate is from 0 to below 1"):
        check_shares(Outer(1, rate=rate), "rate")
