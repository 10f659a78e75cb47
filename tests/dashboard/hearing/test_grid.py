"""A row a temperature, a cell a seed; figures over the seeds of each temperature."""

from dashboard.hearing.asked import Question
from dashboard.hearing.grid import cells_of, figures_by_temperature
from evaluation.answering.own_calls import OWN_CALLS
from music.notes import Note
from music.phrase import Phrase

CALL = OWN_CALLS[0].phrase()


def echo(question: Question) -> Phrase:
    """The call again, a semitone higher a seed; at temperature 0 nothing."""
    if not question.temperature:
        return Phrase()
    notes = (Note(note.at, note.pitch + question.seed, note.velocity, note.length_s) for note in CALL.notes)
    return Phrase.of(notes).moved(CALL.until + 1)


def test_cells_come_in_rows() -> None:
    cells = list(cells_of(Question(CALL), (0.5, 1.5), (1, 2), echo))
    assert [cell.title for cell in cells] == [
        "temperature 0.5, seed 1",
        "temperature 0.5, seed 2",
        "temperature 1.5, seed 1",
        "temperature 1.5, seed 2",
    ]
    assert cells[0].answer.notes[0].at > CALL.until
    assert cells[0].alone.notes[0].at == 0


def test_figures_are_over_the_seeds_and_silence_is_counted() -> None:
    silent, played = figures_by_temperature(list(cells_of(Question(CALL), (0.0, 1.0), (0, 2), echo)))
    assert (silent["answers"], silent["notes"]) == ("0 of 2", 0)
    assert (played["answers"], played["semitones up"]) == ("2 of 2", "+1.0")
