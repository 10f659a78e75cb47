"""The small model traced and joined once for all tests of this room."""

from copy import deepcopy
from pathlib import Path

import pytest

from export.quantize import folded
from export.step_graph import Pieces, traced
from export.tables.event_draw import TabledDraw
from export.tables.event_step import TabledEvents
from tests.support.command import ROOT
from tests.support.models import small_model
from training.models.event_model import EventModel


@pytest.fixture(scope="session")
def model() -> EventModel:
    return small_model()


@pytest.fixture(scope="session")
def traced_pieces(model: EventModel) -> Pieces:
    return traced(model)


@pytest.fixture(scope="session")
def pieces(traced_pieces: Pieces) -> Pieces:
    made = deepcopy(traced_pieces)
    return Pieces(folded(made.trunk), folded(made.draw))


@pytest.fixture(scope="session")
def traced_tables(model: EventModel) -> Pieces:
    return traced(TabledEvents(model).eval(), TabledDraw(model))


@pytest.fixture(scope="session")
def kept_file() -> Path:
    """A model file in full precision that need not be traced: it is kept for good."""
    return ROOT / "tests" / "golden" / "format-1-fp32.onnx"


@pytest.fixture(scope="session")
def kept_eight_bits() -> Path:
    """A model file in eight bits that is kept for good."""
    return ROOT / "tests" / "golden" / "format-2-int8.onnx"
