"""Reports on belonging as the dashboard reads them: as tables, or a line that says what is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from dashboard.belonging import belonging_beside, load_belonging
from evaluation.answering.own_calls import OWN_CALLS
from evaluation.belonging.measures import MEASURES
from evaluation.belonging.tables import OWN
from evaluation.belonging.voices import RIVALS, VOICES
from music.settings import SettingError


def test_they_lie_in_a_folder_beside_the_models_other_reports(tmp_path: Path, belonging_text: str) -> None:
    report = tmp_path / "evaluation" / "tiny-test.json"
    assert belonging_beside(report) == []
    folder = tmp_path / "evaluation" / "belonging"
    folder.mkdir(parents=True)
    for split in ("validation", "test"):
        (folder / f"{split}.json").write_text(belonging_text)
    assert belonging_beside(report) == [folder / "test.json", folder / "validation.json"]


def test_each_sort_of_music_has_its_tables(tmp_path: Path, belonging_text: str) -> None:
    path = tmp_path / "train.json"
    path.write_text(belonging_text)
    found = load_belonging(path)
    assert found.split == "train"
    assert [sort.name for sort in found.sorts] == ["phrased", OWN]
    phrased, own = found.sorts
    nearer, faults, measures = phrased.tables
    assert nearer[0][1:] == list(RIVALS.values())
    assert [row[0] for row in faults[1:]] == list(VOICES.values())
    assert measures[0][1:] == [measure.title for measure in MEASURES]
    assert len(own.tables) == 2
    assert own.about == f"{len(OWN_CALLS)} calls"


def test_of_a_report_that_is_older_than_a_fault_or_a_measure_the_others_are_shown(
    tmp_path: Path, belonging_text: str
) -> None:
    path = tmp_path / "train.json"
    path.write_text(belonging_text.replace('"cluster"', '"another"').replace('"motifs"', '"another"'))
    _, faults, measures = load_belonging(path).sorts[0].tables
    assert faults[1][faults[0].index("cluster")] == "–"
    assert measures[1][measures[0].index("motifs")] == "–"


def _without(name: str) -> Any:
    return lambda record: record.pop(name)


@pytest.mark.parametrize("change", [_without("sorts"), _without("version"), lambda r: r.update(sorts=[1])])
def test_what_is_not_whole_is_refused_in_a_line(tmp_path: Path, belonging_text: str, change: Any) -> None:
    record = json.loads(belonging_text)
    change(record)
    path = tmp_path / "train.json"
    path.write_text(json.dumps(record))
    with pytest.raises(SettingError, match="judge the model again"):
        load_belonging(path)


def test_what_a_newer_antiphon_made_and_what_is_no_json_is_refused(
    tmp_path: Path, belonging_text: str
) -> None:
    for text, why in (
        (belonging_text.replace('"version": 1', '"version": 2'), "newer"),
        ("{", "no whole report"),
    ):
        path = tmp_path / f"{len(text)}.json"
        path.write_text(text)
        with pytest.raises(SettingError, match=why):
            load_belonging(path)
