"""The page's logic that needs no browser.

Each `*.test.js` beside this file, run by node where there is one.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = HERE.parents[3] / "realtime" / "web" / "page"
NODE = shutil.which("node")


@pytest.mark.parametrize("name", sorted(path.name for path in HERE.glob("*.test.js")))
def test_page_logic(name: str, tmp_path: Path) -> None:
    if NODE is None:
        pytest.skip("node is not installed")
    (tmp_path / "package.json").write_text(
        '{"type": "module"}'
    )  # by their names alone node takes them for scripts
    for file in [*PAGE.glob("*.js"), HERE / name]:
        shutil.copy(file, tmp_path)
    run = subprocess.run([NODE, "--test", name], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
