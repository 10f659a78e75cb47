"""What goes wrong on an evening, one after the other, each as something that is played through.

Knows the evening and its stage. Must not judge what comes of it.
"""

import os
import resource
import signal
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from benchmarks.soaking.instrument import HANG, RAISE
from benchmarks.soaking.keyboard import NAME
from benchmarks.soaking.phrases import ALL_NOTES_OFF, CONTROL, MOD_WHEEL, NOTE_OFF, PEDAL, control
from benchmarks.soaking.stage import LISTENER, await_ready, end, started

if TYPE_CHECKING:
    from benchmarks.soaking.evening import Evening

FLOOD, FLOOD_S = 2000, 1.0
AWAY_S = 1.5  # how long a server or a folder is away
LOOP_SETTLES_S = 4.0
FULL_AT = 1  # bytes: no file can grow any more


def a_release_is_lost(evening: "Evening") -> None:
    """A key's release never comes; the player hears it hang, and asks for silence."""
    played = evening.phrases.phrase()
    last = max(place for place, (_, message) in enumerate(played) if message[0] == NOTE_OFF)
    evening.phrase(played[:last] + played[last + 1 :])
    evening.hear_answer()
    evening.let_end()
    evening.panic()


def a_pedal_stays_down(evening: "Evening") -> None:
    """The pedal's rise never comes."""
    played = [(wait_s, message) for wait_s, message in evening.phrases.phrase() if message[0] != CONTROL]
    evening.phrase([(0.0, control(PEDAL, 127)), *played])
    evening.hear_answer()
    evening.let_end()
    evening.panic()


def the_keyboard_vanishes(evening: "Evening") -> None:
    """In mid-phrase, with a key held; it is plugged in again."""
    played = evening.phrases.phrase()
    evening.phrase(played[: len(played) // 2], "the keyboard was gone")
    evening.stage.play(evening.phrases.strike(60))
    said = len(evening.stage.said)
    evening.stage.vanish_keyboard()
    evening.stage.await_line("is gone; its notes are let go", said)
    evening.stage.start_keyboard()
    evening.stage.await_line(f"{NAME} is back", said)


def all_notes_off(evening: "Evening") -> None:
    """A keyboard that says so after its last release."""
    evening.phrase([*evening.phrases.phrase(), (0.005, control(ALL_NOTES_OFF, 0))])
    evening.hear_answer()


def a_flood_of_controllers(evening: "Evening") -> None:
    """A wheel that trembles all through a phrase."""
    evening.phrase([(FLOOD_S / FLOOD, control(MOD_WHEEL, 60 + step % 9)) for step in range(FLOOD)])
    evening.excuse("nothing was played")
    evening.phrase(evening.phrases.phrase())
    evening.hear_answer()


def a_loop(evening: "Evening") -> None:
    """A track with monitoring on plays the output into the input."""
    since, said = time.monotonic(), len(evening.stage.said)
    looper = started("benchmarks.soaking.looper")
    try:
        await_ready(looper)
        evening.phrase(evening.phrases.phrase(), "it went round in a loop")
        evening.stage.await_line("what goes out comes back", said)
        time.sleep(LOOP_SETTLES_S)
    finally:
        end(looper)
    evening.come_to_rest()
    evening.panic()
    evening.excused.append((since, time.monotonic()))


def the_page_is_killed(evening: "Evening") -> None:
    """It is started again, and the take is whole."""
    page = evening.stage.page_process()
    if page is not None:
        os.kill(page, signal.SIGKILL)
    evening.phrase(evening.phrases.phrase())
    evening.stage.await_("a page process again", lambda: evening.stage.page_process() not in (None, page))
    evening.hear_answer()


def the_folder_vanishes(evening: "Evening") -> None:
    """As when a stick with the takes is pulled out; what was on it is put back where it was."""
    away = evening.stage.takes.with_name("away")
    evening.stage.takes.rename(away)
    evening.phrase(evening.phrases.phrase())
    evening.hear_answer()
    evening.let_end()
    evening.stage.takes.mkdir(exist_ok=True)  # it may have been made again
    for path in away.iterdir():
        path.replace(evening.stage.takes / path.name)
    away.rmdir()


def the_disk_is_full(evening: "Evening") -> None:
    """No file of the page process can grow for the length of a phrase."""
    page = evening.stage.page_process()
    assert page is not None
    before = resource.prlimit(page, resource.RLIMIT_FSIZE)
    resource.prlimit(page, resource.RLIMIT_FSIZE, (FULL_AT, before[1]))
    evening.phrase(evening.phrases.phrase())
    evening.hear_answer()
    evening.let_end()
    if evening.stage.page_process() == page:
        resource.prlimit(page, resource.RLIMIT_FSIZE, before)


def the_server_is_restarted(evening: "Evening") -> None:
    """In mid-phrase, as when its buffer's size is changed."""
    played = evening.phrases.phrase()
    evening.phrase(played[: len(played) // 2], "the sound server was gone")
    said, since = len(evening.stage.said), time.monotonic()
    evening.stage.end_server()
    time.sleep(AWAY_S)
    evening.stage.start_server()
    for back in ("jack is back", f"{NAME} is back", f"{LISTENER}:input is back"):
        evening.stage.await_line(back, said)
    evening.excused.append((since, time.monotonic()))


def the_model_raises(evening: "Evening") -> None:
    """The next answer fails; the phrase is given up, and that is said."""
    evening.stage.wishes.write_text(RAISE)
    evening.phrase(evening.phrases.phrase())
    evening.hear_answer()


def the_model_hangs(evening: "Evening") -> None:
    """The next answer never comes from the model; somebody else takes over."""
    evening.stage.wishes.write_text(HANG)
    evening.phrase(evening.phrases.phrase())
    evening.hear_answer()


def the_engine_is_killed(evening: "Evening") -> None:
    """While it answers, if it does; it is started again."""
    evening.phrase(evening.phrases.phrase())
    if evening.hear_answer():
        time.sleep(evening.phrases.wait_s(0.1, 1.0))
    else:
        evening.excuse("the engine was killed")
    evening.stage.kill_instrument()
    evening.stage.start_instrument()


FAULTS: Mapping[str, Callable[["Evening"], None]] = {
    "a release is lost": a_release_is_lost,
    "the keyboard vanishes": the_keyboard_vanishes,
    "the server is restarted": the_server_is_restarted,
    "the page is killed": the_page_is_killed,
    "a pedal stays down": a_pedal_stays_down,
    "a loop": a_loop,
    "all notes off": all_notes_off,
    "the model raises": the_model_raises,
    "the folder vanishes": the_folder_vanishes,
    "the engine is killed": the_engine_is_killed,
    "a flood of controllers": a_flood_of_controllers,
    "the disk is full": the_disk_is_full,
    "the model hangs": the_model_hangs,
}
