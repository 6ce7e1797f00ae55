"""Kills a writer at one point after another, each in a process of its own, and looks at the rest.

Usage: kill_writer.py FOLDER SIGNAL STRIDE (old|none). The points are what the interpreter reports
to an audit hook (files opened, renamed, removed, locked, ...) and every fsync. Prints the number
of points, how often the old and the new atlas were found, or what went wrong.
"""

import os
import signal
import sys
from pathlib import Path

from small_atlas import small_papers, write_atlas

from pipeline.artifacts import open_snapshot, open_writer
from pipeline.errors import DamagedAtlasError, InputError

WATCHED = ("open", "os.", "shutil.", "sqlite3.", "fcntl.", "mmap.")


class Killer:
    def __init__(self, signal_number: int, point: int) -> None:
        self.signal_number, self.left = signal_number, point
        # Not done, only counted: what a killed process has written stays, synced or not.
        os.fsync = self.count
        sys.addaudithook(lambda event, _: event.startswith(WATCHED) and self.count())

    def count(self, _descriptor: int = -1) -> None:
        self.left -= 1
        if self.left == 0:
            signal.raise_signal(self.signal_number)


def killed_at(atlas: Path, signal_number: int, point: int) -> bool:
    """True where the writer was stopped before its end."""
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        killer = Killer(signal_number, point)
        try:
            write_atlas(atlas, "newer")
        finally:
            os._exit(0 if killer.left > 0 else 1)
    return os.waitpid(child, 0)[1] != 0


def found_after(atlas: Path) -> str:
    """The word of the atlas that is there, every byte of it checked, or "none"."""
    try:
        snapshot = open_snapshot(atlas)
    except InputError:
        return "none"
    except DamagedAtlasError as error:
        # The very first build was killed between its last two steps: no pointer yet.
        if error.message == f"{atlas / 'CURRENT'}: is missing":
            return "unpointed"
        raise
    with snapshot:
        snapshot.verify_all()
        word = snapshot.titles()[0].split()[0]
        assert tuple(snapshot.all_papers()) == small_papers(word)
        assert (snapshot.vectors == len(word)).all()
        assert (snapshot.layout == len(word)).all()
        return word


def check_next_writer(atlas: Path) -> None:
    with open_writer(atlas):
        pass
    left = [path.name for path in atlas.rglob(".tmp-*")]
    assert left == [], left


def main() -> None:
    folder, signal_number, stride = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.fsync = lambda _: None
    write_atlas(folder / "warm")
    found: dict[str, int] = {}
    point, n_points = 1, 0
    while True:
        atlas = folder / f"atlas-{0 if sys.argv[4] == 'old' else point}"
        if sys.argv[4] == "old" and found_after(atlas) != "old":
            write_atlas(atlas, "old")
        if not killed_at(atlas, signal_number, point):
            break
        word = found_after(atlas)
        found[word] = found.get(word, 0) + 1
        check_next_writer(atlas)
        assert found_after(atlas) == word
        point, n_points = point + stride, n_points + 1
    assert found_after(atlas) == "newer"
    print(n_points, found)


if __name__ == "__main__":
    main()
