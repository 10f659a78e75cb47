"""The documentation says what the code does: its table and diagram are those that the code draws."""

from pathlib import Path

from realtime.performer.drawing import diagram_drawn, table_drawn

PERFORMER_MD = Path(__file__).parents[3] / "docs" / "performer.md"


def test_the_documents_table_and_diagram_are_those_of_the_code() -> None:
    document = PERFORMER_MD.read_text(encoding="utf-8")
    assert table_drawn() in document, "docs/performer.md has an old table; paste table_drawn()"
    assert diagram_drawn() in document, "docs/performer.md has an old diagram; paste diagram_drawn()"
