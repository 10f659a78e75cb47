"""The page that plays without a server writes down what is played as the encoding `event` does."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from music.encodings.event import EventEncoding
from music.notes import KeyEvent, NoteOff, NoteOn, Pedal
from music.phrase import events_of
from realtime.answerers.daring import heats
from tests.support.phrases import improvised

ALONE = Path(__file__).parents[3] / "realtime" / "web" / "page" / "alone"
NODE = shutil.which("node")
SCRIPT = """
import { readFileSync } from "node:fs";
import { heats } from "./answer.js";
import { happeningOf, Writing } from "./events.js";
const { phrases, knobs } = JSON.parse(readFileSync(0, "utf8"));
const written = phrases.map((events) => {
  const writing = new Writing();
  const tokens = events.map(([at, pitch, how]) =>
    pitch === null ? writing.pedal(at, how > 0) : writing.key(at, pitch, how));
  return [...tokens.flat(), ...writing.ended(events.at(-1)[0])];
});
const happening = written.map((tokens) => tokens.map(happeningOf));
console.log(JSON.stringify({ written, happening, heats: knobs.map(heats) }));
"""


def moment(event: KeyEvent) -> tuple[float, int | None, int]:
    if isinstance(event, Pedal):
        return event.at, None, int(event.down)
    return event.at, event.pitch, event.velocity if isinstance(event, NoteOn) else 0


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_it_writes_and_reads_events_as_the_encoding_does(tmp_path: Path) -> None:
    encoding = EventEncoding()
    phrases: list[list[KeyEvent]] = [
        list(events_of(improvised(seed, notes=40, pedal=bool(seed % 2)))) for seed in range(12)
    ]
    # Rests, a trill within cells, keys beyond the piano, a pedal that is up already.
    phrases.append(
        [
            *(NoteOn(0.0, 60, 1), NoteOff(0.001, 60), NoteOn(0.002, 60, 127), Pedal(0.01, True)),
            *(NoteOff(0.02, 60), NoteOn(1.234, 60, 64), NoteOn(3.0, 12, 64), Pedal(7.5, False)),
            *(Pedal(7.6, False), NoteOff(50.0, 60), NoteOn(50.105, 108, 5), NoteOn(50.105, 21, 4)),
        ]
    )
    phrases = [[event for event in events if event.at >= 0] for events in phrases]
    for name in ("events.js", "answer.js"):
        shutil.copy(ALONE / name, tmp_path / name)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "try.js").write_text(SCRIPT)
    knobs = [0.0, 0.5, 1.0, 1.5, 2.0]
    given = json.dumps(
        {"phrases": [[moment(event) for event in events] for events in phrases], "knobs": knobs}
    )
    assert NODE is not None
    run = subprocess.run(
        [NODE, "try.js"], cwd=tmp_path, input=given, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    for events, written, happening in zip(phrases, found["written"], found["happening"], strict=True):
        state, tokens, read = encoding.start(), [], []
        for event in events:
            state, new = encoding.feed(state, event)
            tokens += [list(token) for token in new]
        tokens += [list(token) for token in encoding.flush(state)[1]]
        assert written == tokens
        assert len(tokens) > 5
        playing = encoding.start()
        for gap, key, velocity in tokens:
            playing, played = encoding.perform(playing, (gap, key, velocity))
            (last,) = played[-1:]
            read.append({"pitch": last.pitch, "velocity": last.velocity if isinstance(last, NoteOn) else 0})
        assert happening == read
    assert [pytest.approx(each) for each in found["heats"]] == [heats(knob) for knob in knobs]
