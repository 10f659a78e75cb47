"""An evening has each fault if it is to, however short it was meant to be; nobody plays here."""

import pytest

from benchmarks.soaking import evening as evening_module
from benchmarks.soaking.evening import Evening
from benchmarks.soaking.faults import FAULTS
from benchmarks.soaking.phrases import Phrases


class EmptyStage:
    """Weighs nothing, and is always quiet."""

    def weigh(self) -> None:
        """Nothing to weigh."""


@pytest.mark.parametrize("has_each_fault", [True, False])
def test_each_fault_comes_once_where_that_is_wanted(
    has_each_fault: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    came: list[str] = []
    faults = {name: lambda _, name=name: came.append(name) for name in FAULTS}
    monkeypatch.setattr(evening_module, "FAULTS", faults)
    monkeypatch.setattr(Evening, "round", lambda _: None)
    monkeypatch.setattr(Evening, "come_to_rest", lambda _: None)
    Evening(EmptyStage(), Phrases(1)).last(0.0, 0.001, has_each_fault=has_each_fault)  # type: ignore[arg-type]
    assert came == (list(FAULTS) if has_each_fault else [])
