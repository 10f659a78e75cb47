"""A listening test of tests' own music, and listeners who are no people: each rates by a rule."""

import json
from collections.abc import Callable
from pathlib import Path

from listening.folder import NOTES, ClipFile, ListeningFolder, ListeningTest, notes_text
from listening.headphones import tones_for
from listening.ratings import Listener, Ratings
from listening.reception import Answer, Asked, Reception
from listening.scales import SCALES
from listening.visit import CHECK, EXAMPLE, Visit

SECONDS = 1.2  # of each clip


class Clock:
    """Seconds that go on when somebody waits."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        """Now."""
        return self.at


def made_folder(path: Path, items: int = 4, columns: int = 2, scale: str = "closeness") -> ListeningFolder:
    """A test of single notes for the page's own piano; condition `A` is column 0."""
    grid = tuple(
        tuple(ClipFile(f"c{item}x{column}", SECONDS) for column in range(columns)) for item in range(items)
    )
    test = ListeningTest("ttest", "A test", SCALES[scale], NOTES, ClipFile("cexample", SECONDS), grid)
    folder = ListeningFolder(path)
    (path / "clips").mkdir(parents=True)
    for clip in test.clips():
        folder.clip(test, clip.name).write_text(notes_text([[0.0, 60, 80, 0.2]], SECONDS))
    names = "ABCDEFG"[:columns]
    clips = {clip.name: {"condition": names[place]} for item in grid for place, clip in enumerate(item)}
    folder.begin(test, {"conditions": list(names), "clips": clips})
    return folder


def reception_of(
    folder: ListeningFolder, ratings: Ratings, clock: Callable[[], float], token: str | None = None
) -> Reception:
    """A reception that everybody may ask."""
    return Reception(folder, ratings, clock, lambda hosts, origins: True, token)


def asked(
    reception: Reception, target: str, said: object = None, cookies: tuple[str, ...] = (), **headers: str
) -> Answer:
    """What a reception answers."""
    lines = {"cookie": ["; ".join(cookies)], **{name: [value] for name, value in headers.items()}}
    if said is None:
        return reception.answer(Asked("GET", target, lines))
    return reception.answer(Asked("POST", target, lines, json.dumps(said).encode()))


def cookie_of(answer: Answer) -> str:
    """The cookie that an answer sets, as a browser sends it back."""
    (cookie,) = answer.cookies
    return cookie.partition(";")[0]


def synthetic_listener(
    ratings: Ratings,
    test: ListeningTest,
    clock: Clock,
    value_of: Callable[[str], int],
    *,
    passes: bool = True,
    rounds: int | None = None,
) -> Listener:
    """One who does the whole test, or so many rounds of it, and rates each clip by a rule."""
    listener = ratings.join(f"synthetic {len(ratings.listeners())}", clock())
    visit = Visit(test, ratings, listener)
    while visit.step() == CHECK:
        attempt = visit.state()["attempt"]
        tones = tones_for(listener.secret, attempt)
        chosen = [one.softest if passes else one.out_of_phase for one in tones]
        visit.check(attempt, chosen, clock())
    done = 0
    while not visit.is_done() and done != rounds:
        state = visit.state()
        for clip in state["clips"]:
            visit.serve(clip["clip"], clock())
        clock.at += SECONDS * len(state["clips"])
        if state["step"] == EXAMPLE:
            visit.go_on(EXAMPLE, clock())
            continue
        for number, clip in enumerate(state["clips"]):
            visit.rate(clip["clip"], value_of(clip["clip"]), f"{state['round']} {number}", clock())
        visit.go_on(state["round"], clock())
        done += 1
    return listener
