"""What the docs site has besides the pages of this folder: the README as its first page, and the API.

A hook of MkDocs (`mkdocs.yml`). Must not change what a page says: only where a link leads.
"""

import re
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]

# Pages that lie beside this folder: where each is found in the repository, and what it is called here.
BESIDE = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "LICENSE": "licence.md",
}

# The public faces: what other code may build on, by the page that shows it.
FACES = {
    "music": ("music.notes", "music.phrase", "music.piece", "music.midi.files", "music.midi.writing"),
    "encodings": ("music.tokens.encoding", "music.encodings.catalogue"),
    "pieces": ("pieces.corpus", "pieces.music", "pieces.transforms", "pieces.difficulty"),
    "evaluation": ("evaluation.scoring.scorer", "evaluation.answering.answerer"),
    "training": ("training.models.model", "training.models.trunks.trunk", "training.feeds.feed"),
    "realtime": (
        "realtime.knobs",
        "realtime.performer.events",
        "realtime.performer.actions",
        "realtime.performer.turns",
        "realtime.answerers.answerer",
        "realtime.inference.session",
        "realtime.midi.ports",
    ),
}

_LINK = re.compile(r"(?<=\]\()(?!\w+:|#)([^)\s#]+)(?=[)\s#])")


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that lie beside the folder, and those of the API."""
    for name, page in BESIDE.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=_LINK.sub(_moved, text)))
    for name, modules in {"index": (), **FACES}.items():
        files.append(File.generated(config, f"api/{name}.md", content=_api_page(name, modules)))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Lead links to the pages beside the folder to where the site has them."""
    for name, page in BESIDE.items():
        markdown = re.sub(rf"(?<=\]\()((?:\.\./)+){name}", lambda up, page=page: up[1][3:] + page, markdown)
    return markdown


def _moved(link: re.Match[str]) -> str:
    """A link of a page beside the folder, as it is from within."""
    target = BESIDE.get(link[1], link[1].removeprefix("docs/"))
    return f"{target}README.md" if target.endswith("/") else target


def _api_page(name: str, modules: tuple[str, ...]) -> str:
    if name == "index":
        listed = "\n".join(
            f"- [{page}]({page}.md): {', '.join(f'`{module}`' for module in FACES[page])}" for page in FACES
        )
        return f"# API\n\nThe public faces, from their docstrings.\n\n{listed}\n"
    missing = [
        module for module in modules if not (ROOT / module.replace(".", "/")).with_suffix(".py").is_file()
    ]
    if missing:
        raise PluginError(f"docs/site.py: the API has no module {', '.join(missing)}")
    shown = "\n\n".join(f"::: {module}" for module in modules)
    return f"# `{name}`\n\n{shown}\n"
