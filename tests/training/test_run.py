"""What a run records of itself, read again."""

import json
from pathlib import Path

import pytest

from music.settings import SettingError
from tests.support.generating import made_run
from training.run import recipe_of


def test_a_recipe_that_another_version_wrote_is_told_with_what_to_do(tmp_path: Path) -> None:
    folder = made_run(tmp_path, "pair")
    told = json.loads((folder.path / "run.json").read_text())
    told["recipe"]["data"]["lanes"] = told["recipe"]["data"].pop("feed")["lanes"]
    (folder.path / "run.json").write_text(json.dumps(told))
    with pytest.raises(
        SettingError, match=r"pair: its recipe .*no setting 'lanes'.*0123abcd; use that version, or begin"
    ):
        recipe_of(folder)
