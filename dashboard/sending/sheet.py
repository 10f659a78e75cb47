"""The file that is sent, as text: figures, charts, answers to hear, and the licences with their credits.

Everything is in it: the browser is asked to refuse any request. Must not know where anything was found.
"""

import csv
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from html import escape
from io import StringIO
from math import isfinite
from pathlib import Path
from statistics import fmean
from typing import Any

from dashboard.comparing.beside import by_scope
from dashboard.comparing.models import ModelRow, records_of, unlike
from dashboard.listened.analyses import SYNTHETIC, Heard
from dashboard.rolls import rolls_scripts, rolls_style
from dashboard.sending.calls import SentCall
from dashboard.sending.chosen import Chosen
from dashboard.sending.tracks import Chart, Track, chart
from music.settings import SettingError
from music.version import __version__
from pieces.music_sets import tier_in_words

MOST_BYTES = 2_000_000  # as much as any mailbox takes
_STYLE = Path(__file__).with_name("sheet.css")
_ALLOWED = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline' blob:; worker-src blob:"
_FORMS = {"nats a note": ".2f", "±": ".2f", "note bigram": ".2f", "better by": ".2f", "belongs": ".2f"}
_FORMS |= {"s an answer": ".2f", "MB": ".1f", "mean": ".2f", "from": ".2f", "to": ".2f"}
_AHEAD = Chart(
    "Better than counting",
    "By how many nats a note held-out music is likelier to the model than to a count of pairs of notes on "
    "the same music, with its standard error on both sides. Further right is better.",
    ".2f",
    begin=0.0,
)
_BELONGS = Chart(
    "Whether answers belong to their calls: {scope}",
    "In which share of calls the answer is nearer to how the piece really goes on than an answer to another "
    "call is; 0.5 is chance. 95 % intervals. Further right is better.",
    ".2f",
    begin=0.5,
    mark=0.5,
)
_FAULTS = Chart(
    "Gross faults: {scope}",
    "In which share of answers anybody would hear at once that something is wrong. 95 % intervals. Further "
    "left is better.",
    ".0%",
    begin=0.0,
)
_SPEED = Chart(
    "Seconds an answer",
    "How long an answer took to work out, all thinking included, on the machines named below. Compare those "
    "of one machine.",
    ".2f",
    begin=0.0,
)


def sheet(
    chosen: Sequence[Chosen],
    calls: Sequence[SentCall],
    title: str,
    made_on: str,
    heard: Sequence[Heard] = (),
) -> str:
    """The whole file, with what listeners said of them; one that would be larger than `MOST_BYTES` is an
    error."""
    places = {f"call-{number}": call for number, call in enumerate(calls, 1)}
    text = "".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_ALLOWED}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>",
            f"<style>{rolls_style()}{_STYLE.read_text(encoding='utf-8')}</style></head><body><main>",
            f"<h1>{escape(title)}</h1>",
            f'<p class="dim">{escape(made_on)}, Antiphon {__version__}. Everything is in this file; it asks '
            "nobody for anything.</p>",
            _figures(chosen),
            *_charts(chosen),
            *map(_listened, heard),
            *_calls(places),
            _credits(chosen),
            _circumstances(chosen),
            "</main>",
            rolls_scripts({place: call.rolls for place, call in places.items()}),
            "</body></html>",
        ]
    )
    if (size := len(text.encode())) > MOST_BYTES:
        raise SettingError(
            f"the file would have {size / 1e6:.1f} MB, and at most {MOST_BYTES / 1e6:g} MB are sent: choose "
            "fewer models or fewer held-out calls"
        )
    return text


def _figures(chosen: Sequence[Chosen]) -> str:
    records = records_of(
        {one.label: replace(one.row, model=one.label) for one in chosen},
        {one.label: one.belongs for one in chosen if one.belongs is not None},
        {one.label: one.alone for one in chosen if one.alone is not None},
    )
    head = list(records[0])
    rows = [[_written(name, record[name]) for name in head] for record in records]
    return (
        "<section><h2>Figures</h2><p>Likelihoods compare on the same music alone; each stands beside what "
        f"counting pairs of notes reaches there.</p>{_table([head, *rows], 'of figures')}"
        f'<p><a download="models.csv" href="{_as_csv(records)}">The table as CSV</a></p></section>'
    )


def _written(name: str, value: Any) -> str:
    if value is None or (isinstance(value, float) and not isfinite(value)):
        return "–"
    return format(value, _FORMS.get(name, ".0f")) if isinstance(value, int | float) else str(value)


def _as_csv(records: Sequence[Mapping[str, Any]]) -> str:
    text = StringIO()
    writer = csv.DictWriter(text, list(records[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return f"data:text/csv;base64,{b64encode(text.getvalue().encode()).decode()}"


def _charts(chosen: Sequence[Chosen]) -> list[str]:
    """Each measure by itself, and pieces within one music."""
    return [
        chart(_AHEAD, [_ahead(one.label, one.row) for one in chosen]),
        *_belonging(chosen),
        *_pieces(chosen),
        chart(_SPEED, [Track(one.label, one.row.seconds_an_answer) for one in chosen]),
    ]


def _belonging(chosen: Sequence[Chosen]) -> Iterator[str]:
    """Shares of the same calls together, and no others."""
    known = {one.label: one.belongs for one in chosen if one.belongs is not None}
    for scope, found in by_scope(known).items():
        belongs = [Track(name, one.share, one.low, one.high) for name, one in found.items()]
        faults = [Track(name, one.faults, *one.faults_within) for name, one in found.items()]
        for kind, tracks in ((_BELONGS, belongs), (_FAULTS, faults)):
            yield chart(replace(kind, title=kind.title.format(scope=scope)), tracks)


def _ahead(label: str, row: ModelRow) -> Track:
    if row.ahead is None or row.error is None:
        return Track(label, row.ahead)
    return Track(label, row.ahead, row.ahead - row.error, row.ahead + row.error)


def _pieces(chosen: Sequence[Chosen]) -> list[str]:
    by_path = {one.row.path: one for one in chosen}
    return [
        chart(
            Chart(
                f"Piece by piece: {music}",
                "Nats a note of each held-out piece, a dot a piece, and their mean. Further left is better.",
                ".2f",
            ),
            [_dots(by_path[row.path]) for row in rows],
        )
        for music, rows in unlike(one.row for one in chosen).items()
    ]


def _dots(one: Chosen) -> Track:
    nats = tuple(piece.carried for piece in one.report.pieces if isfinite(piece.carried))
    return Track(one.label, fmean(nats) if nats else None, dots=nats)


def _listened(heard: Heard) -> str:
    """What came of a listening test; a rehearsal says so above and below."""
    words = f"<p><strong>{SYNTHETIC}.</strong></p>" if heard.synthetic else ""
    rows = [one.record() for one in heard.conditions]
    ranks = [[_written(name, row[name]) for name in rows[0]] for row in rows]
    values = heard.values
    about = (
        f"The mean rating of each, {values[0]} to {values[-1]}, with its 95 % by drawing listeners anew. "
        f"{SYNTHETIC if heard.synthetic else 'Further right is better'}."
    )
    tracks = [Track(one.condition, one.mean, one.low, one.high) for one in heard.conditions]
    means = chart(Chart(f"What listeners said: {heard.name}", about, ".2f", begin=values[0]), tracks)
    who = f'<p class="dim">{escape(heard.who)}. {escape(heard.agreement)}</p>'
    return f"<section>{words}{means}{_table([list(rows[0]), *ranks], f'of {heard.name}')}{who}</section>"


def _calls(places: Mapping[str, SentCall]) -> list[str]:
    if not places:
        return ["<section><h2>Answers</h2><p>No call was answered by all of them.</p></section>"]
    parts = [
        "<section><h2>The same call, answered by each</h2><p>A click on a button plays the call and the "
        "answer; a click in a roll plays from there. The rule is what answers without a network.</p>"
        "<noscript><p>Rolls and sound need scripts, which this browser doesn't run.</p></noscript>"
    ]
    for place, call in places.items():
        figures = _table(call.figures, f"of the answers to {call.title}") if call.figures else ""
        more = f"<details><summary>How they keep to the call</summary>{figures}</details>" if figures else ""
        parts.append(
            f'<h3>{escape(call.title)}</h3><p class="dim">{escape(call.about)}</p>'
            f'<div id="{place}" class="rolls"></div>{more}'
        )
    return [*parts, "</section>"]


def _credits(chosen: Sequence[Chosen]) -> str:
    parts = ["<section><h2>Licences and credits</h2>"]
    for one in chosen:
        tier = str(one.report.model["tier"])
        learnt = [
            [str(corpus["name"]), str(corpus["licence"]), str(corpus["credit"])]
            for corpus in one.report.model["learnt_from"]
        ]
        parts.append(
            f"<h3>{escape(one.label)}</h3><p>Tier <b>{escape(tier)}</b>: {escape(tier_in_words(tier))}.</p>"
        )
        if learnt:
            parts.append(
                _table([["learnt from", "licence", "credit"], *learnt], f"of credits of {one.label}")
            )
    return "".join([*parts, "</section>"])


def _circumstances(chosen: Sequence[Chosen]) -> str:
    head = ["model", "hash", "judged on", "licence of that music", "date", "processor", "command"]
    rows = [
        [
            one.label,
            str(one.report.model["hash"]),
            f"{one.row.music} ({one.report.music['pieces']} pieces, {one.report.music['notes']:,} notes)",
            str(one.report.music.get("licence", one.report.music["tier"])),
            *(str(one.report.machine.get(name, "–")) for name in ("date", "processor", "command")),
        ]
        for one in chosen
    ]
    return f"<section><h2>How this was measured</h2>{_table([head, *rows], 'of circumstances')}</section>"


def _table(rows: Sequence[Sequence[str]], what: str) -> str:
    """A table that is moved sideways where it is wider than the page."""
    head, *others = rows
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in others)
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="Table {escape(what)}"><table><thead><tr>'
        f"{''.join(f'<th scope=col>{escape(name)}</th>' for name in head)}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def _cells(row: Iterable[str]) -> str:
    first, *others = row
    return f'<th scope="row">{escape(first)}</th>' + "".join(f"<td>{escape(one)}</td>" for one in others)
