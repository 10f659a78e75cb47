"""The examples of the protocol, as its page in the docs has them in one table."""

import json
import re
from typing import Any

from tests.support.command import ROOT

_ROW = re.compile(r"^\| ([^|`]+) \| `(\w+)` \| `(\{.+\})` \|$", re.MULTILINE)
_TABLE = _ROW.findall((ROOT / "docs" / "protocol.md").read_text(encoding="utf-8"))


def examples_by(sender: str) -> list[dict[str, Any]]:
    """What somebody sends, one of each kind, in the table's order."""
    found = [(kind, json.loads(text)) for said_by, kind, text in _TABLE if said_by == sender]
    assert found, f"the table has nothing sent by {sender}"
    assert all(kind == example["kind"] for kind, example in found)
    return [example for _, example in found]
