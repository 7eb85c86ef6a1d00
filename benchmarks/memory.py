"""Peak anonymous memory while learning from many photos on disk.

Anonymous memory is what a process really takes: pages of files that were only read, or mapped, can
be given back at any moment and are not counted.
"""

import os
import re
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.processes import IMAGIER, FailedError, Figures, fill
from benchmarks.synthetic import write_photos

__all__ = ["anonymous_bytes", "learn_watched", "watched_peak"]

INTERVAL = 0.2  # seconds between two looks
ANONYMOUS = re.compile(r"^RssAnon:\s+(\d+) kB$", re.MULTILINE)


def learn_watched(arguments: Sequence[str], seed: int, work: Path) -> Figures:
    """Run `imagier train` on photos made for it: their number, their side, further options.

    Raises:
        FailedError: The command failed, or this system does not tell the memory of a process.
    """
    number, side, *options = fill(arguments, seed)
    photos = work / f"photos{number}-{side}"
    if not photos.exists():
        write_photos(photos, int(number), size=(int(side), int(side)))
    command = (*IMAGIER, "train", str(photos), *options)
    out = ("--out", str(work / "model"), "--force", "--json", "--quiet")
    with (work / "said").open("w+") as said, (work / "complained").open("w+") as complained:
        process = subprocess.Popen(
            (*command, *out),
            stdout=said,
            stderr=complained,
            env=os.environ | {"IMAGIER_LANG": "en"},
        )
        try:
            with watched_peak(process.pid) as peak:
                process.wait()
        finally:
            process.kill()  # when we are interrupted; it has ended otherwise
        complained.seek(0)
        if process.returncode:
            raise FailedError(complained.read()[-2000:])
    if not peak[0]:
        raise FailedError("this system does not tell the anonymous memory of a process")
    return {
        "peak_gigabytes": round(peak[0] / 1e9, 3),
        "pictures": int(number),
        "bytes_on_disk": sum(file.stat().st_size for file in photos.rglob("*.jpg")),
        "command": " ".join(("imagier", "train", f"photos{number}", *options)),
    }


@contextmanager
def watched_peak(pid: int) -> Iterator[list[int]]:
    """Look at a process and its children again and again; the list holds the peak in bytes."""
    peak, over = [0], threading.Event()

    def watch() -> None:
        while not over.wait(INTERVAL):
            peak[0] = max(peak[0], sum(map(anonymous_bytes, _family(pid))))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()


def anonymous_bytes(pid: int) -> int:
    """Tell the anonymous memory of a process; 0 when it is gone or the system does not say."""
    try:
        found = ANONYMOUS.search(Path(f"/proc/{pid}/status").read_text("ascii", "replace"))
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0


def _family(pid: int) -> Iterator[int]:
    yield pid
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = listed.read_text("ascii").split()
        except OSError:
            continue
        for child in children:
            yield from _family(int(child))
