"""Writes a model file: the graph, its header, its fingerprint; and the figures of its parity beside it.

Knows what a run records of itself. Must not know how a graph is made.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import onnx

from export.step_graph import silent_states
from music.tokens.encoding import Encoding
from music.whole_file import whole, write_whole
from realtime.inference.bundle import (
    FORMAT,
    LANES,
    Bundle,
    CorpusRecord,
    Counted,
    EncodingRecord,
    Header,
    StateShape,
    read_bundle,
    sealed,
)
from training.models.event_model import EventModel, begin_event


def header_of(
    run: str, record: Mapping[str, Any], encoding: Encoding, model: EventModel, precision: str
) -> Header:
    """What the file of a run's model in one precision says of itself."""
    return Header(
        format=FORMAT,
        run=run,
        precision=precision,
        family="event",
        sizes=tuple(
            Counted(name, getattr(settings, name))
            for settings, names in (
                (model.settings.trunk, ("layers", "width")),
                (model.settings, ("gap_size", "key_size", "velocity_size", "head")),
            )
            for name in names
        ),
        encoding=_encoding_record(encoding),
        fields=tuple(
            Counted(field.name.removesuffix("_s"), field.size) for field in encoding.vocabulary.fields
        ),
        begin=begin_event(),
        states=_state_shapes(model),
        tier=record["tier"],
        data=_data_of(record),
        source_commit=record["source_commit"],
        loudness=_range(record, "loudness"),
        density=_range(record, "density"),
    )


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
    corpora = [CorpusRecord(**corpus) for corpus in (*record["data"], *record.get("began_with", ()))]
    return tuple({(corpus.name, corpus.hash): corpus for corpus in reversed(corpora)}.values())[::-1]


def _range(record: Mapping[str, Any], name: str) -> tuple[float, ...] | None:
    manner = record.get("manner", {})
    return tuple(manner[name]) if name in manner else None


def _encoding_record(encoding: Encoding) -> EncodingRecord:
    settings = tuple((name, str(value)) for name, value in sorted(encoding.settings.items()))
    return EncodingRecord(encoding.name, encoding.version, settings, encoding.fingerprint)


def _state_shapes(model: EventModel) -> tuple[StateShape, ...]:
    """The shapes of the states, their lanes found by asking for two numbers of them."""
    one, two = silent_states(model, 1), silent_states(model, 2)
    return tuple(
        StateShape(
            name,
            tuple(LANES if a != b else a for a, b in zip(first.shape, two[name].shape, strict=True)),
        )
        for name, first in one.items()
    )
