"""Writes a model file: the graph, its header, its fingerprint; and the figures of its parity beside it.

Knows what a run records of itself. Must not know how a graph is made.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import onnx
from torch import Tensor

from export.drawing.row_draw import row_controls
from export.step_graph import Step, silent_states
from music.tokens.encoding import Encoding
from music.whole_file import whole, write_whole
from realtime.inference.bundle import (
    FORMAT,
    LANES,
    LIVE_FAMILY,
    Bundle,
    CorpusRecord,
    Counted,
    EncodingRecord,
    Header,
    StateShape,
    read_bundle,
    sealed,
)
from training.models.model import Model
from training.playing.practice import ALL_PAST, Practice


def header_of(
    run: str,
    record: Mapping[str, Any],
    encoding: Encoding,
    model: Model,
    precision: str,
    practice: Practice = ALL_PAST,
) -> Header:
    """What the file of a run's model in one precision says of itself."""
    return Header(
        format=FORMAT,
        run=run,
        precision=precision,
        family=model.kind,
        sizes=_sizes(model),
        encoding=_encoding_record(encoding),
        fields=tuple(
            Counted(field.name.removesuffix("_s") if model.kind == LIVE_FAMILY else field.name, field.size)
            for field in encoding.vocabulary.fields
        ),
        begin=tuple(map(int, model.begin_row)),
        states=_state_shapes(model),
        tier=record["tier"],
        data=_data_of(record),
        source_commit=record["source_commit"],
        loudness=_range(record, "loudness"),
        density=_range(record, "density"),
        **(
            {"is_backwards": practice.is_backwards}
            if model.kind == LIVE_FAMILY
            else _of_rows(model, practice)
        ),
    )


def _of_rows(model: Model, practice: Practice) -> dict[str, Any]:
    """What a file of another family than events says besides."""
    step = Step(model.eval())
    asked = row_controls(model, step.shape.whole(step.example))
    return {
        "unit": model.unit,
        "parts": model.parts,
        "in_nats": model.in_nats,
        "reads_symbols": model.reads_symbols,
        "chances": asked["chance"].shape[1],
        "wishes": Counted(*model.wishes) if model.wishes else None,
        **asdict(practice),
    }


def _sizes(model: Model) -> tuple[Counted, ...]:
    """All whole numbers among the settings, the trunk's (layers, width) before the others."""
    settings: Any = model.settings
    trunk = getattr(settings, "trunk", None)
    sizes = {} if trunk is None else _counts(trunk)
    return tuple(Counted(name, count) for name, count in (sizes | _counts(settings)).items())


def _counts(settings: Any) -> dict[str, int]:
    values = ((field.name, getattr(settings, field.name)) for field in fields(settings))
    return {name: value for name, value in values if type(value) is int}


def write_bundle(
    path: Path, graph: onnx.ModelProto, header: Header, check: Callable[[Bundle], None]
) -> Bundle:
    """Write the file whole and checked, or not at all; it is read back as a player would, then `check`ed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as unfinished:
        unfinished.write_bytes(sealed(without_notes(graph).SerializeToString(), header))
        bundle = read_bundle(unfinished)
        check(bundle)
    return replace(bundle, path=path)


def without_notes(graph: onnx.ModelProto) -> onnx.ModelProto:
    """The graph alone: the exporter notes beside each node where it came from, with this machine's paths."""
    bare = onnx.ModelProto()
    bare.CopyFrom(graph)
    _clear_notes(bare)
    return bare


def _clear_notes(part: Any) -> None:
    """Of a message of ONNX, and of all that it holds."""
    for field, value in part.ListFields():
        if field.name in ("metadata_props", "doc_string"):
            part.ClearField(field.name)
        elif field.message_type is not None:
            for inner in [value] if hasattr(value, "ListFields") else value:
                _clear_notes(inner)


def write_figures(path: Path, figures: Mapping[str, Any]) -> Path:
    """Write what was measured of a model file beside it."""
    beside = path.with_suffix(".parity.json")
    write_whole(beside, json.dumps(figures, indent=2) + "\n")
    return beside


def _data_of(record: Mapping[str, Any]) -> tuple[CorpusRecord, ...]:
    """The corpora that the weights were trained on, those among them that the run began with; each once."""
    corpora = [
        CorpusRecord(**corpus)
        for corpus in (*record["data"], *record.get("stages", ()), *record.get("began_with", ()))
    ]
    return tuple({(corpus.name, corpus.hash): corpus for corpus in reversed(corpora)}.values())[::-1]


def _range(record: Mapping[str, Any], name: str) -> tuple[float, ...] | None:
    manner = record.get("manner", {})
    return tuple(manner[name]) if name in manner else None


def _encoding_record(encoding: Encoding) -> EncodingRecord:
    settings = tuple((name, str(value)) for name, value in sorted(encoding.settings.items()))
    return EncodingRecord(
        encoding.name, encoding.version, settings, encoding.fingerprint, encoding.symbols_learnt
    )


def _state_shapes(model: Model) -> tuple[StateShape, ...]:
    """The shapes of the states, their lanes found by asking for two numbers of them."""
    one, two = silent_states(model, 1), silent_states(model, 2)
    return tuple(_state_shape(name, first, two[name]) for name, first in one.items())


def _state_shape(name: str, one: Tensor, two: Tensor) -> StateShape:
    shape = tuple(LANES if a != b else a for a, b in zip(one.shape, two.shape, strict=True))
    (silent,) = set(
        one.flatten().tolist()
    )  # of every state all numbers are the same before anything was played
    return StateShape(name, shape, float(silent), not one.is_floating_point())
