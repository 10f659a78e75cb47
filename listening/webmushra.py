"""A test for those who have a webMUSHRA server of their own: its configuration (YAML), clips by name alone.

One configuration for each order in which clips are heard, as many as the Latin square has; the key stays
here. Written as webMUSHRA's guide for experimenters describes it. Must not know who plays in a clip.
"""

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from listening.folder import WAV, ClipFile, ListeningFolder, ListeningTest
from listening.scales import Scale
from listening.square import heard_by, orders, rounds
from music.settings import SettingError
from music.whole_file import write_whole


def export(folder: ListeningFolder, out: Path) -> list[Path]:
    """Write the configurations and copy the clips; a test whose clips are notes has no sound to copy."""
    test = folder.test()
    if test.sound != WAV:
        raise SettingError(
            f"{folder.path}: its clips are notes for the page's own piano, and webMUSHRA plays sound files: "
            "make the test again with --sound fluidsynth"
        )
    home = out / "configs" / test.id
    home.mkdir(parents=True, exist_ok=True)
    for clip in test.clips():
        shutil.copyfile(folder.clip(test, clip.name), home / f"{clip.name}.wav")
    paths = []
    for listener in range(len(orders(test.columns))):
        path = out / "configs" / f"{test.id}-{listener + 1}.yaml"
        write_whole(path, "\n".join(_lines(test, listener)) + "\n")
        paths.append(path)
    return paths


def _lines(test: ListeningTest, listener: int) -> Iterator[str]:
    for name, value in (
        ("testname", test.title),
        ("testId", f"{test.id}-{listener + 1}"),
        ("bufferSize", 2048),
        ("stopOnErrors", True),
        ("showButtonPreviousPage", False),
        ("remoteService", "service/write.php"),
    ):
        yield f"{name}: {_said(value)}"
    yield "pages:"
    yield from _page(
        "volume",
        id="volume",
        name="Your volume",
        content="Wear headphones. Set your volume, and leave it so.",
    )
    yield f"      stimulus: {_said(_place(test, test.example))}"
    yield "      defaultVolume: 0.5"
    places = heard_by(listener, len(test.items), test.columns)
    for number, round_ in enumerate(rounds(places, test.scale.together), 1):
        yield from _round(test, number, [test.items[item][column] for item, column in round_])
    yield from _page("finish", name="Thank you", content="That was all. Thank you!")
    yield "      showResults: false"
    yield "      writeResults: true"


def _round(test: ListeningTest, number: int, clips: Sequence[ClipFile]) -> Iterator[str]:
    kind = "likert_single_stimulus" if len(clips) == 1 else "likert_multi_stimulus"
    yield from _page(kind, id=f"round{number}", name=f"Clip {number}", content=test.scale.question)
    yield "      mustRate: true"
    yield "      mustPlayback: ended"
    yield "      stimuli:"
    for clip in clips:
        yield f"          {clip.name}: {_said(_place(test, clip))}"
    yield "      response:"
    yield from _responses(test.scale)


def _responses(scale: Scale) -> Iterator[str]:
    for value in scale.values:
        yield f"        - value: {_said(str(value))}"
        yield f"          label: {_said(scale.word(value))}"
        for name, star in (("img", "off"), ("imgSelected", "on"), ("imgHigherResponseSelected", "on")):
            yield f"          {name}: configs/resources/images/star_{star}.png"


def _page(kind: str, **words: str) -> Iterator[str]:
    yield f"    - type: {kind}"
    for name, value in words.items():
        yield f"      {name}: {_said(value)}"


def _place(test: ListeningTest, clip: ClipFile) -> str:
    return f"configs/{test.id}/{clip.name}.wav"


def _said(value: object) -> str:
    """A value as JSON, which is YAML as well."""
    return json.dumps(value)
