"""A line chart as SVG: where its points lie, how its axes are marked, and that what it names is escaped."""

from itertools import pairwise
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from benchmarks.notation.curve import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Line, chart

SVG = "{http://www.w3.org/2000/svg}"
MARKS = [1.0, 10.0, 100.0]


def drawn(*lines: Line, marks: list[float] | None = None, title: str = "a title") -> Element:
    return ElementTree.fromstring(chart(lines, title=title, across="across", up="up", marks=marks or MARKS))


def dots(picture: Element) -> list[tuple[float, float]]:
    return [(float(dot.attrib["cx"]), float(dot.attrib["cy"])) for dot in picture.iter(f"{SVG}circle")]


def texts(picture: Element) -> dict[str, tuple[float, float]]:
    return {
        text.text or "": (float(text.attrib["x"]), float(text.attrib["y"]))
        for text in picture.iter(f"{SVG}text")
    }


def test_a_chart_puts_more_higher_and_names_nothing_unescaped() -> None:
    picture = drawn(Line("a < b", [(1, 0), (10, 30)], "#000"), title="t & t", marks=[1, 10])
    (low_x, low_y), (high_x, high_y) = dots(picture)
    assert low_y > high_y
    assert low_x < high_x
    assert {"a < b", "t & t"} <= texts(picture).keys()


def test_the_first_mark_lies_at_the_left_the_last_at_the_right_and_nothing_at_the_bottom() -> None:
    (left, bottom), (right, top) = dots(drawn(Line("x", [(1, 0), (100, 100)], "#000")))
    assert (left, bottom) == (LEFT, HEIGHT - BOTTOM)
    assert (right, top) == (WIDTH - RIGHT, TOP)


def test_the_axis_across_is_logarithmic() -> None:
    one, ten, hundred = (x for x, _ in dots(drawn(Line("x", [(mark, 1) for mark in MARKS], "#000"))))
    assert ten - one == pytest.approx(hundred - ten, abs=0.11)  # written to a tenth


def test_each_mark_is_named_below_its_place() -> None:
    picture = drawn(Line("x", [(mark, 0.0) for mark in MARKS], "#000"))
    named = texts(picture)
    for (x, bottom), name in zip(dots(picture), ("1", "10", "100"), strict=True):
        assert named[name] == (x, bottom + 18)


@pytest.mark.parametrize(
    ("highest", "top"), [(0.0, 5), (4.9, 5), (5.1, 10), (24, 25), (50, 50), (99, 100), (101, 200), (730, 800)]
)
def test_the_top_is_a_round_number_above_the_highest_point(highest: float, top: float) -> None:
    named = texts(drawn(Line("x", [(1, highest)], "#000"), marks=[1, 1000]))
    steps = [f"{top * step / 5:g}" for step in range(6)]
    assert set(steps) <= named.keys()
    assert named[steps[-1]][1] == TOP + 4


def test_even_steps_go_up_from_nothing() -> None:
    named = texts(drawn(Line("x", [(1, 50)], "#000"), marks=[2, 3]))
    heights = [named[step][1] for step in ("0", "10", "20", "30", "40", "50")]
    apart = [one - other for one, other in pairwise(heights)]
    assert apart == pytest.approx([apart[0]] * 5, abs=0.11)
    assert apart[0] > 0


def test_each_line_has_its_colour_its_dots_and_its_name_below_the_one_before() -> None:
    picture = drawn(Line("one", [(1, 1), (10, 2)], "#111111"), Line("two", [(1, 3)], "#222222"))
    colours = [dot.attrib["fill"] for dot in picture.iter(f"{SVG}circle")]
    assert colours == ["#111111", "#111111", "#222222"]
    strokes = [line.attrib["stroke"] for line in picture.iter(f"{SVG}polyline")]
    assert strokes[-2:] == ["#111111", "#222222"]
    named = texts(picture)
    assert named["one"][1] < named["two"][1]


def test_a_line_goes_through_its_dots() -> None:
    picture = drawn(Line("x", [(1, 1), (10, 4), (100, 2)], "#123456"))
    (line,) = (line for line in picture.iter(f"{SVG}polyline") if line.attrib["stroke"] == "#123456")
    through = [tuple(map(float, point.split(","))) for point in line.attrib["points"].split()]
    assert through == dots(picture)


def test_nothing_to_draw_is_an_empty_chart() -> None:
    picture = drawn()
    assert dots(picture) == []
    assert {"a title", "across", "up", "5"} <= texts(picture).keys()


def test_a_single_mark_is_no_division_by_nothing() -> None:
    assert dots(drawn(Line("x", [(7, 5)], "#000"), marks=[7])) == [(LEFT, TOP)]


def test_the_title_is_also_what_a_screen_reader_says() -> None:
    picture = drawn(title="Notes lost")
    assert picture.attrib["role"] == "img"
    assert picture.findtext(f"{SVG}title") == "Notes lost"
