"""A model's music is written as its file says; a file that can't be played live is refused in one line."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import pytest

from music.encodings.catalogue import ENCODINGS, encoding_named
from music.encodings.event import EventEncoding, EventState
from music.notes import KeyEvent, NoteOff, NoteOn
from music.tokens.encoding import Encoding, Token
from realtime.answerers.network import Network
from realtime.inference.bundle import (
    Bundle,
    Counted,
    EncodingRecord,
    Header,
    ModelFileError,
    read_bundle,
    sealed,
)
from realtime.inference.graphs.handmade import one_node_model
from realtime.inference.session import ModelSession
from tests.realtime.inference.test_session import SMALL
from tests.support.runtime import FakeRuntime


@dataclass(frozen=True)
class LouderEncoding(EventEncoding):
    """As `event`, every key struck as hard as can be."""

    name: ClassVar[str] = "louder"

    def feed(self, state: EventState, event: KeyEvent) -> tuple[EventState, tuple[Token, ...]]:
        return super().feed(state, replace(event, velocity=127) if isinstance(event, NoteOn) else event)


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> FakeRuntime:
    made = FakeRuntime()
    monkeypatch.setitem(sys.modules, "onnxruntime", made)
    return made


def written_as(encoding: Encoding, path: Path) -> Bundle:
    """A model file whose music is written so."""
    settings = tuple((name, str(value)) for name, value in encoding.settings.items())
    record = EncodingRecord(encoding.name, encoding.version, settings, encoding.fingerprint)
    sizes = zip(("gap", "key", "velocity"), encoding.vocabulary.sizes, strict=False)
    header: Header = replace(SMALL, encoding=record, fields=tuple(Counted(*field) for field in sizes))
    path.write_bytes(sealed(one_node_model(), header))
    return read_bundle(path)


def test_a_call_is_written_down_in_the_encoding_that_the_file_names(
    monkeypatch: pytest.MonkeyPatch, runtime: FakeRuntime, tmp_path: Path
) -> None:
    monkeypatch.setitem(ENCODINGS, "louder", LouderEncoding)
    call = (NoteOn(0.0, 60, 10), NoteOff(0.5, 60), NoteOn(1.0, 62, 10))
    last_fed = {}
    for name in ("event", "louder"):
        session = ModelSession(written_as(encoding_named(name), tmp_path / f"{name}.onnx"))
        Network(session, 1).hear(call[:2])
        last_fed[name] = runtime.fed["event"].tolist()
    assert last_fed == {"event": [[0, 39, 3]], "louder": [[0, 39, 32]]}


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        (
            EventEncoding(pedal=True),
            "its music is written as 'event' (pedal=True), which can't be played live",
        ),
        (encoding_named("note"), "its music is written as 'note' ("),
    ],
)
def test_a_file_that_can_not_be_played_live_is_refused_in_one_line(
    runtime: FakeRuntime, tmp_path: Path, encoding: Encoding, expected: str
) -> None:
    session = ModelSession(written_as(encoding, tmp_path / "model.onnx"))
    with pytest.raises(ModelFileError) as error:
        Network(session, 1)
    assert expected in str(error.value)
    assert str(error.value).endswith("export a run that is written as 'event' (pedal=False)")
    assert "\n" not in str(error.value)
