"""The page of rolls: everything is in it, whatever names it is given, with a piano and without."""

import json
from pathlib import Path

from dashboard.rolls import Part, Roll, can_be_heard, rolls_page
from music.notes import Note, Pedal
from music.phrase import Phrase

PHRASE = Phrase.of([Note(0.0, 60, 80, 0.2)], [Pedal(0.1, True), Pedal(2.0, False)])


def records_in(page: str) -> list[dict[str, object]]:
    begin = page.index("const ROLLS = ") + len("const ROLLS = ")
    rolls: list[dict[str, object]] = json.loads(page[begin : page.index(";\n", begin)])
    return rolls


def test_notes_sound_as_long_as_the_pedal_holds_them() -> None:
    (roll,) = records_in(rolls_page([Roll("A call", (Part("call", "the call", PHRASE),))]))
    assert roll["parts"] == [{"who": "call", "name": "the call", "notes": [[0.0, 60, 80, 2.0]]}]


def test_no_title_breaks_out_of_the_script() -> None:
    wicked = "</script><script>alert(1)</script><!--"
    page = rolls_page([Roll(wicked, (Part("call", wicked, PHRASE),))])
    assert page.count("<script") == page.count("</script") == 2
    assert "<!--" not in page
    assert records_in(page)[0]["title"] == wicked


def test_the_pages_own_piano_is_in_it_where_it_is_there(tmp_path: Path) -> None:
    piano = tmp_path / "piano.js"
    assert not can_be_heard(piano)
    assert "a piano" not in rolls_page([Roll("A call", ())], piano)
    piano.write_text("export class Piano {} // a piano")
    assert can_be_heard(piano)
    assert "a piano" in rolls_page([Roll("A call", ())], piano)


def test_what_the_piano_stands_on_is_put_before_it(tmp_path: Path) -> None:
    piano = tmp_path / "piano.js"
    piano.write_text('/* notes */\nimport { tuned } from "./strings.js";\nplay(tuned);\n')
    (tmp_path / "strings.js").write_text('import { A } from "./fork.js";\nexport const tuned = A;\n')
    (tmp_path / "fork.js").write_text("export const A = 440;\n")
    page = rolls_page([Roll("A call", ())], piano)
    assert page.index("A = 440") < page.index("tuned = A") < page.index("play(tuned)")
    assert "./strings.js" not in page


def test_nothing_of_the_real_piano_is_imported() -> None:
    assert 'from "./' not in rolls_page([Roll("A call", ())])


def test_nothing_is_fetched() -> None:
    page = rolls_page([Roll("A call", (Part("call", "the call", PHRASE),))])
    assert "src=" not in page
    assert "http:" not in page.replace("http://www.w3.org", "")
