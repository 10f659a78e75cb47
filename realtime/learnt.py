"""Controllers that were learnt while it played, kept for the next evening in a TOML file beside the presets.

A line each, `freeze = 80`. Knows a file and names. Must not know how a controller is learnt.
"""

import tomllib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

from music.settings import SettingError, right_ones
from music.whole_file import write_whole
from realtime.engine.controls import NEVER_LEARNT
from realtime.knobs import CONTROLS
from realtime.rows.turned import Learnt, Turned, Unlearnt

LEARNT = "controllers.toml"
HEAD = "# Controllers that were learnt on the page (antiphon play), each with its number.\n"
_FREE = frozenset(range(128)) - NEVER_LEARNT


def learnt_in(path: Path) -> dict[str, int]:
    """Which controller, by its number, moves which control; nothing where there is no such file.

    `SettingError` says what can't be.
    """
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise SettingError(
            f"{path}: can't be read ({str(error) or 'too deep'}); mend it, or delete it"
        ) from None
    for name, number in settings.items():
        if name not in CONTROLS:
            raise SettingError(f"{path}: no control is called {name!r}; {right_ones(name, CONTROLS)}")
        if type(number) is not int or number not in _FREE:
            raise SettingError(f"{path}: {name} is a controller from 0 to 119 but 64, not {number!r}")
        if list(settings.values()).count(number) > 1:
            raise SettingError(f"{path}: controller {number} moves two controls; delete one of their lines")
    return settings


class LearntKeeper:
    """Keeps what is learnt in a file: a watcher of the loop, with a thread that writes.

    `say` gets a line on what came of it.
    """

    def __init__(self, path: Path, say: Callable[[str], None]) -> None:
        self._path, self._say = path, say
        self._queue: SimpleQueue[Learnt | Unlearnt | None] = SimpleQueue()
        self._thread: Thread | None = None

    def __call__(self, turned: Turned) -> None:
        """Watch the loop."""
        if isinstance(turned.event, Learnt | Unlearnt):
            self._queue.put(turned.event)
            if self._thread is None:
                self._thread = Thread(target=self._work, name="learnt", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Write what waits."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()

    def _work(self) -> None:
        while (event := self._queue.get()) is not None:
            try:
                self._keep(event)
            except (OSError, SettingError) as reason:
                self._say(f"what was learnt can't be kept for the next time: {reason}")

    def _keep(self, event: Learnt | Unlearnt) -> None:
        if isinstance(event, Unlearnt):
            with suppress(FileNotFoundError):
                self._path.unlink()
            return
        others = {
            name: number for name, number in learnt_in(self._path).items() if number != event.controller
        }
        kept = {**others, event.name: event.controller}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self._path, HEAD + "".join(f"{name} = {number}\n" for name, number in kept.items()))
        self._say(f"kept for the next time too, in {self._path}; to forget: Mode, Learn a controller, none")
