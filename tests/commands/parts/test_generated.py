"""What is said of a piece that was written."""

from commands.parts.generating.generated import line


def said(sounding: float | None, of_all: float | None) -> str:
    record = {"file": "a.mid", "prompt_notes": 0, "notes": 0, "seconds": 1.0, "rows": 4, "unit": "step"}
    return line(record | {"seed": 1, "is_short": False, "unchanged": {"sounding": sounding, "all": of_all}})


def test_of_a_polished_piece_it_is_said_what_was_kept_where_there_was_something_to_keep() -> None:
    assert said(0.5, 0.9).endswith("polished, 50.0% of what sounded and 90.0% of all cells unchanged")
    assert said(None, 0.9).endswith("polished, 90.0% of all cells unchanged")
    assert said(None, None).endswith("polished, with nothing in it")
