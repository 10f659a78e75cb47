"""Trunks by name: the kind of a section chooses, and the first kind is the default."""

from dataclasses import dataclass, field

import pytest

from music.settings import SettingError, settings_from
from training.models.trunks.bidirectional import Bidirectional
from training.models.trunks.catalogue import TrunkSettings, trunk_for
from training.models.trunks.recurrent import Recurrent, RecurrentSettings


@dataclass(frozen=True, slots=True)
class Chosen:
    trunk: TrunkSettings = field(default_factory=RecurrentSettings)


def test_a_section_without_a_kind_is_recurrent() -> None:
    chosen = settings_from(Chosen, {"trunk": {"width": 8}}, "model").trunk
    assert chosen == RecurrentSettings("lstm", width=8)
    assert isinstance(trunk_for(chosen, 3), Recurrent)


def test_the_kind_chooses_what_can_be_set() -> None:
    chosen = settings_from(Chosen, {"trunk": {"kind": "bidirectional", "window": "9"}}, "model").trunk
    trunk = trunk_for(chosen, 3)
    assert isinstance(trunk, Bidirectional)
    assert trunk.settings.window == 9
    with pytest.raises(SettingError, match="no setting 'window'"):
        settings_from(Chosen, {"trunk": {"kind": "gru", "window": 9}}, "model")


def test_a_kind_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(SettingError, match=r"did you mean 'lstm'.*conv-lstm"):
        settings_from(Chosen, {"trunk": {"kind": "lsmt"}}, "model")
