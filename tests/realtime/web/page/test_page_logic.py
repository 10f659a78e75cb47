"""The page's logic that needs no browser.

Each `*.test.js` in this folder, run by node where there is one, beside the file that it tests.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = HERE.parents[3] / "realtime" / "web" / "page"
NODE = shutil.which("node")


@pytest.mark.parametrize(
    "name", sorted(path.relative_to(HERE).as_posix() for path in HERE.rglob("*.test.js"))
)
def test_page_logic(name: str, tmp_path: Path) -> None:
    if NODE is None:
        pytest.skip("node is not installed")
    shutil.copytree(PAGE, tmp_path, dirs_exist_ok=True)
    shutil.copy(HERE / name, tmp_path / name)
    # By their names alone node takes them for scripts.
    (tmp_path / "package.json").write_text('{"type": "module"}')
    run = subprocess.run([NODE, "--test", name], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
