"""The small model traced and joined once for all tests of this room."""

import pytest

from export.quantize import folded
from export.step_graph import Pieces, traced
from tests.support.models import small_model
from training.models.event_model import EventModel


@pytest.fixture(scope="session")
def model() -> EventModel:
    return small_model()


@pytest.fixture(scope="session")
def pieces(model: EventModel) -> Pieces:
    made = traced(model)
    return Pieces(folded(made.trunk), folded(made.draw))
