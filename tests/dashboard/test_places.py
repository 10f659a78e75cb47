"""Where the dashboard looks: the words that one process says are what another one reads."""

from pathlib import Path

import pytest

from dashboard.places import DEFAULT_MODELS, Places, places_from


@pytest.mark.parametrize(
    "places",
    [
        Places(),
        Places(Path("my runs"), Path("/a/corpora"), Path("models")),
        Places(Path("-runs"), Path("--corpora=odd")),
        Places(Path("ru=ns")),
        Places(listening=Path("tests of mine")),
    ],
    ids=["by default", "with a space", "like options", "with a sign", "of listeners"],
)
def test_words_are_read_back_whatever_folders_are_called(places: Places) -> None:
    assert places_from(places.words()) == places


def test_what_is_not_said_is_as_by_default_and_other_words_are_passed_over() -> None:
    assert places_from([]) == Places()
    assert places_from(["--follow", "--runs", "mine", "page.py"]) == Places(runs=Path("mine"))


def test_no_option_is_guessed_from_its_beginning() -> None:
    assert places_from(["--run=mine"]) == Places()


def test_the_models_of_antiphon_lie_beside_it() -> None:
    assert DEFAULT_MODELS.parts[-2:] == ("realtime", "models")
    assert any(DEFAULT_MODELS.glob("*.onnx"))
