"""How soon the page sounds is measured with the real instrument; without a browser a line says what to do."""

import argparse
import json

import pytest

import antiphon
from benchmarks.screens import devtools, page_roll, page_sound
from music.settings import SettingError


@pytest.mark.browser
@pytest.mark.slow
def test_keys_and_openings_are_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert antiphon.main(["bench", "page-sound", "--keys", "2", "--opens", "1", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["key_to_sound_ms"]["n"] == 2
    assert figures["key_to_sound_ms"]["p50"] > 0
    assert 0 < figures["address_to_connected_ms"]["p50"] <= figures["address_to_piano_ms"]["p50"]
    assert figures["piano"]


@pytest.mark.parametrize("words", [["--keys", "0"], ["--opens", "0"]])
def test_nothing_to_measure_is_refused(words: list[str]) -> None:
    parser = argparse.ArgumentParser()
    page_sound.add_arguments(parser)
    with pytest.raises(SettingError, match="at least one of each"):
        page_sound.run(parser.parse_args(words))


def test_without_a_browser_it_is_said_which_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_roll.shutil, "which", lambda program: None)
    with pytest.raises(SettingError, match="install one of chromium, "), devtools.browser():
        pass
