"""The picture of a call and its answer: every note a bar, well-formed whatever the title."""

from xml.etree import ElementTree

import pytest

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


def lines_of(text: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(text).iter(f"{SVG}line"))


def words_of(text: str) -> list[str]:
    return [words.text or "" for words in ElementTree.fromstring(text).iter(f"{SVG}text")]


def test_a_line_stands_at_each_second_and_at_each_c() -> None:
    text = roll_svg("A call", SHORT, SHORT.moved(2.0))  # until 3.5 s, three octaves about C4 and C5
    upright = [line for line in lines_of(text) if line.attrib["x1"] == line.attrib["x2"]]
    assert len(upright) == 4
    xs = [float(line.attrib["x1"]) for line in upright]
    assert xs[1] - xs[0] == pytest.approx(xs[3] - xs[2], abs=0.11)
    assert [words for words in words_of(text) if words.endswith(" s")] == ["0 s", "2 s"]
    assert {"C4", "C5"} <= set(words_of(text))


@pytest.mark.parametrize("pitches", [(21, 108), (60, 60), (21, 21), (108, 108)])
def test_all_bars_lie_within_the_picture(pitches: tuple[int, int]) -> None:
    phrase = Phrase.of(Note(float(at), pitch, 64, 1.0) for at, pitch in enumerate(pitches))
    text = roll_svg("edges", phrase, phrase.moved(60.0))
    _, _, width, height = map(float, ElementTree.fromstring(text).attrib["viewBox"].split())
    for bar in bars(text, CALL) + bars(text, ANSWER):
        assert 0 <= float(bar.attrib["x"]) <= width - float(bar.attrib["width"])
        assert 0 <= float(bar.attrib["y"]) <= height - float(bar.attrib["height"])


def test_a_key_is_as_high_in_a_narrow_phrase_as_in_one_of_three_octaves() -> None:
    """A trill doesn't fill the whole picture."""
    narrow = roll_svg("trill", Phrase.of([Note(0.0, 60, 64, 1.0)]), Phrase())
    wider = roll_svg("wider", Phrase.of([Note(0.0, 60, 64, 1.0), Note(0.0, 84, 64, 1.0)]), Phrase())
    (one, other) = (float(bars(text, CALL)[0].attrib["height"]) for text in (narrow, wider))
    assert one == other


def test_the_shortest_note_can_still_be_seen() -> None:
    text = roll_svg("short", Phrase.of([Note(0.0, 60, 1, 0.001), Note(90.0, 60, 1, 1.0)]), Phrase())
    assert float(bars(text, CALL)[0].attrib["width"]) >= 2
    assert float(bars(text, CALL)[0].attrib["fill-opacity"]) >= 0.3


def test_both_colours_are_explained() -> None:
    assert {"the call", "the answer"} <= set(words_of(roll_svg("A call", SHORT, SHORT)))


def test_a_long_title_has_its_line_to_itself() -> None:
    text = roll_svg("A title " * 20, SHORT, SHORT.moved(2.0))
    title, *others = sorted(ElementTree.fromstring(text).iter(f"{SVG}text"), key=_y)
    assert title.text == "A title " * 20
    assert all(_y(words) - _y(title) > 15 for words in others)


def _y(words: ElementTree.Element) -> float:
    return float(words.attrib["y"])
