"""The picture of a call and its answer: every note a bar, well-formed whatever the title."""

from xml.etree import ElementTree

from evaluation.answering.roll_svg import ANSWER, CALL, roll_svg
from music.notes import Note
from music.phrase import Phrase

SVG = "{http://www.w3.org/2000/svg}"
SHORT = Phrase.of([Note(0.0, 60, 100, 1.0), Note(1.0, 72, 20, 0.5)])


def bars(text: str, colour: str) -> list[ElementTree.Element]:
    return [
        bar
        for bar in ElementTree.fromstring(text).iter(f"{SVG}rect")
        if bar.get("fill") == colour and bar.get("fill-opacity")
    ]


def test_every_note_is_a_bar_later_to_the_right_higher_above_louder_fuller() -> None:
    text = roll_svg("A call", SHORT, SHORT.moved(2.0))
    low, high = bars(text, CALL)
    assert len(bars(text, ANSWER)) == 2
    assert float(low.attrib["x"]) < float(high.attrib["x"]) < float(bars(text, ANSWER)[0].attrib["x"])
    assert float(low.attrib["y"]) > float(high.attrib["y"])
    assert float(low.attrib["width"]) > float(high.attrib["width"])
    assert float(low.attrib["fill-opacity"]) > float(high.attrib["fill-opacity"])


def test_a_title_with_signs_and_an_empty_answer_are_drawn() -> None:
    text = roll_svg('<"loud" & fast>', SHORT, Phrase())
    assert '<"loud" & fast>' in [words.text for words in ElementTree.fromstring(text).iter(f"{SVG}text")]
    assert not bars(text, ANSWER)
    ElementTree.fromstring(roll_svg("nothing", Phrase(), Phrase()))
