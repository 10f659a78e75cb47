"""A value changed is what `dataclasses.replace` gives, with slots or without."""

from dataclasses import dataclass, replace

import pytest

from music.changed import changed


@dataclass(frozen=True)
class Plain:
    first: int = 1
    second: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class WithSlots:
    first: int = 1
    second: tuple[int, ...] = ()


@pytest.mark.parametrize("value", [Plain(5), WithSlots(5)])
def test_a_changed_value_is_another_and_the_first_stays(value: Plain | WithSlots) -> None:
    other = changed(value, second=(7,))
    assert other == replace(value, second=(7,)) != value
    assert hash(other) == hash(replace(value, second=(7,)))
    assert value.second == ()


@pytest.mark.parametrize("value", [Plain(), WithSlots()])
def test_a_field_that_there_is_none_of_is_refused(value: Plain | WithSlots) -> None:
    with pytest.raises(TypeError):
        changed(value, third=3)  # type: ignore[call-arg,type-var]
