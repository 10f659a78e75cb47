"""Model files that are kept for good, what each of them plays, and how those of today were made.

`python -m tests.support.golden FOLDER` writes a file of today's format into a folder, and into `played.json`
what every model file there plays. What older versions wrote can't be made anew: `tests/golden/README.md` says
where it is from.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx

from export.exporting import Written, export_each, source_of_run
from music.notes import NoteOn
from music.phrase import Phrase, events_of
from realtime.answerers.network import Network
from realtime.inference.bundle import FORMAT, Bundle, read_bundle, sealed
from realtime.inference.chance import chances
from realtime.inference.rows.row_session import RowSession, open_rows
from realtime.inference.session import Inputs, ModelSession, open_session
from realtime.performer.actions import Request
from tests.support.families import family_run
from tests.support.models import small_run
from tests.support.phrases import improvised
from training.opened_run import opened

PLAYED = "played.json"
FAMILIES = "families"  # the folder of those that take no part in a performance
# of each family one at least, and in which precision it is kept
ZOO = {
    "note": "int8",
    "windows": "int8",
    "character": "int8",
    "step": "int8",
    "nade": "fp32",
    "biaxial": "fp32",
    "rbm": "int8",
    "pair": "int8",
    "message": "int8",
    "chord": "int8",
    "roll-token": "int8",
    "sigmoid": "int8",
    "strikes": "int8",
    "growing": "int8",
}
ROWS_DRAWN = 24
SMALLEST = {
    "model.trunk.layers": "1",
    "model.trunk.width": "4",
    "model.gap_size": "2",
    "model.key_size": "2",
    "model.velocity_size": "2",
    "model.head": "4",
}
CALL = improvised(3, notes=24, pedal=False)
SEED = 1
EVENTS_DRAWN = 48


def drawn(session: ModelSession) -> list[list[int]]:
    """Events from silence, at temperature 1: gap, key, velocity and cells of each."""
    event, state, rows = session.begin, session.silent_state(), []
    for number in range(EVENTS_DRAWN):
        outputs, state = session.step(Inputs(event, chances(SEED, 1, 0, number)), state)
        event = outputs.event
        rows.append([*event, outputs.cells])
    return rows


def answered(session: ModelSession, call: Phrase = CALL) -> list[list[int]]:
    """The answer to a call: moment in 0.1 ms, pitch and velocity (0: released) of each event."""
    request = Request(1, 1, 0, tuple(events_of(call)), 0.5, call.until + 0.5, 4.0)
    return [
        [round(event.at * 1e4), event.pitch, event.velocity if isinstance(event, NoteOn) else 0]
        for event in Network(session, SEED).answer(request)
    ]


def played(path: Path) -> dict[str, list[list[int]]]:
    """What a model file plays on the CPU."""
    session = open_session(path)
    return {"drawn": drawn(session), "answered": answered(session)}


def rows_drawn(session: RowSession) -> list[list[float]]:
    """Rows of any family from silence, at temperature 1: all fields; of a roll those that are not 0."""
    row, state, rows = session.begin(), session.silent_state(), []
    for number in range(ROWS_DRAWN):
        chance = np.random.default_rng(number).random((1, session.chances))
        row, _, state = session.step(row, chance, state)
        is_roll = session.bundle.encoding.vocabulary.is_roll
        rows.append((np.flatnonzero(row[0]) if is_roll else row[0]).tolist())
    return rows


def write_family(path: Path, family: str, precision: str) -> None:
    """A model of a family, of weights by chance."""
    with tempfile.TemporaryDirectory() as name:
        run = opened(family_run(Path(name), family).path)
        (result,) = export_each(source_of_run(run, None), Path(name) / "out", [precision])
        assert isinstance(result, Written), result.line
        path.write_bytes(_without_notes(result.bundle))


def write_model(path: Path) -> None:
    """A model of weights by chance, exported in eight bits, without the notes on each node's source."""
    with tempfile.TemporaryDirectory() as name:
        folder = small_run(Path(name), "golden", SMALLEST)
        list(export_each(source_of_run(opened(folder.path), None), Path(name) / "out", ["int8"]))
        bundle = read_bundle(next((Path(name) / "out").glob("*.onnx")))
    path.write_bytes(_without_notes(bundle))


def _without_notes(bundle: Bundle) -> bytes:
    model = onnx.load_from_string(bundle.content)
    for graph in _graphs(model.graph):
        for part in (*graph.node, *graph.initializer, *graph.input, *graph.output, *graph.value_info, graph):
            del part.metadata_props[:]
    del model.metadata_props[:]
    return sealed(model.SerializeToString(), replace(bundle.header, source_commit=""))


def _graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    yield graph
    for node in graph.node:
        for branch in node.attribute:
            if branch.HasField("g"):
                yield from _graphs(branch.g)


def main(folder: Path) -> None:
    """Write today's model file if there is none, and what every model file plays."""
    today = folder / f"format-{FORMAT}-tables-int8.onnx"
    if not today.exists():
        write_model(today)
    record = {path.name: played(path) for path in sorted(folder.glob("*.onnx"))}
    for family, precision in ZOO.items():
        file = folder / FAMILIES / f"format-{FORMAT}-{family}-{precision}.onnx"
        if not file.exists():
            write_family(file, family, precision)
    record |= {
        path.name: {"drawn": rows_drawn(open_rows(path))} for path in sorted((folder / FAMILIES).glob("*"))
    }
    (folder / PLAYED).write_text(json.dumps(record) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
