"""One take: counted on the event loop as rows come, put together and written on the writer's thread.

Must not know when it is saved.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from realtime.kept.stars import starred_answers
from realtime.rows.kinds import Row
from realtime.rows.messages import ListedTake

if TYPE_CHECKING:
    from realtime.rows.take import TakeRecorder
    from realtime.web.takes.place import Place


@dataclass
class Take:
    """One take. Counted on the event loop; `recorder` is the writer's."""

    path: Path
    rows: list[Row] = field(default_factory=list)
    player: int = 0
    model: int = 0
    begins_at: float = 0.0
    ends_at: float = 0.0
    has_changed: bool = False  # since the last save began
    is_on_disk: bool = False  # all of it, and nothing is being written
    recorder: "TakeRecorder | None" = None
    _asked: list[float] = field(default_factory=list)  # when an answer was asked for
    _stars: list[float] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing has sounded yet."""
        return not self.player + self.model

    def keep(self, row: Row) -> None:
        """Keep a row that is no sound; the next save has it."""
        self.rows.append(row)
        if row["kind"] == "starred":
            self._stars.append(row["at"])
        elif row["kind"] == "turn" and row["phase"] == "asking":
            self._asked.append(row["at"])
        self._has_more()

    def note(self, row: Row) -> None:
        """Count and keep a row that sounds."""
        self.rows.append(row)
        if row["kind"] == "note" and row["velocity"]:
            if self.is_empty:
                self.begins_at = row["at"]
            if row["who"] == "model":
                self.model += 1
            else:
                self.player += 1
        self.ends_at = row["at"]
        self._has_more()

    def _has_more(self) -> None:
        self.has_changed |= not self.is_empty
        self.is_on_disk &= not self.has_changed

    @property
    def starred(self) -> list[float]:
        """When the answers were asked for that have a star."""
        return starred_answers(self._asked, self._stars)

    @property
    def newest_has_star(self) -> bool | None:
        """Whether the newest answer has one; None before the first answer."""
        return self._asked[-1] in self.starred[-1:] if self._asked else None

    def listed(self, *, now: bool) -> ListedTake:
        """As it is listed."""
        seconds = 0.0 if self.is_empty else max(self.ends_at - self.begins_at, 0.0)
        return ListedTake(self.path.name, round(seconds, 3), self.player, self.model, now, len(self.starred))

    def rows_out(self) -> list[Row]:
        """The rows that are kept, which are forgotten here: they go to the writer."""
        rows, self.rows = self.rows, []
        return rows

    # On the writer's thread. What writing needs is imported here: a page that nobody plays to does without.

    def feed(self, rows: Sequence[Row]) -> "TakeRecorder":
        """Put together what these rows say, after all that came before."""
        from realtime.rows.take import TakeRecorder

        if self.recorder is None:
            self.recorder = TakeRecorder()
        for row in rows:
            self.recorder.take(row)
        return self.recorder

    def let_go(self) -> None:
        """Forget what was put together: the file has it all."""
        self.recorder = None

    def write(self, rows: Sequence[Row], path: Path, about: Sequence[str]) -> None:
        """Save all so far, these rows with it."""
        from realtime.rows.take import save_take

        recorder = self.feed(rows)
        save_take(recorder, path, recorder.about(about))

    def content(self, rows: Sequence[Row], about: Sequence[str]) -> bytes | None:
        """The file of a finished take, or one made of what has been played so far."""
        if self.recorder is None and not rows:
            return self.path.read_bytes() if self.path.is_file() else None
        with tempfile.TemporaryDirectory(prefix="antiphon-") as folder:
            path = Path(folder) / "take.mid"
            self.write(rows, path, about)
            return path.read_bytes()

    def heard(self, rows: Sequence[Row], about: Sequence[str]) -> bytes | None:
        """The same as the page plays it back."""
        from realtime.web.takes.heard import heard

        content = self.content(rows, about)
        return None if content is None else heard(content, self.path.name)

    def place(self, rows: Sequence[Row], about: Sequence[str], at: float) -> "Place | None":
        """A place in it, in seconds from its first note on."""
        from realtime.web.takes.place import place_in

        content = self.content(rows, about)
        return None if content is None else place_in(content, self.path.name, at)

    def rename(self, name: str) -> Path:
        """Give its file another name; where it lies then."""
        from realtime.kept.folder import renamed

        return renamed(self.path, name)
