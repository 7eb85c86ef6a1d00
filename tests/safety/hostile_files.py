"""All the hostile files by family, and what each takes: seconds, memory, the code of the refusal.

    python tests/safety/hostile_files.py [PART OF A NAME]

prints a table of all those, or some of them, and the worst of each.
"""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, os.fspath(Path(__file__).parents[2]))  # for whoever calls this as a program

from tests.safety.archive_bytes import Write, idx
from tests.safety.hostile_arrays import ARRAYS, ARRAYS_TAKEN
from tests.safety.hostile_cards import CARDS, CARDS_TAKEN, commands_of
from tests.safety.hostile_engines import ENGINES, ENGINES_TAKEN
from tests.safety.hostile_pictures import PICTURES, PICTURES_TAKEN
from tests.safety.hostile_roads import INNER, OUTPUTS, ROADS, SPECIALS
from tests.safety.hostile_runs import RUNS, RUNS_TAKEN, backbone, commands_of_run
from tests.safety.hostile_tables import COMMANDS, TABLES, TABLES_WRITTEN
from tests.safety.hostile_tools import SHOWN, TOOLS
from tests.safety.hostile_zips import ZIPS, ZIPS_REFUSED
from tests.safety.measuring import Measured, Runner
from tests.safety.model_bytes import FOLDER, folder

__all__ = ["COPIES", "Hostile", "Place", "code_of", "hostile_files"]

COPIES, CORES = 6, 6
CLASSES = ("left", "middle", "right")
LEARN = ("--network", "linear", "--epochs", "1", "--out", "new.imagier", "--quiet")
IN_GATE = {  # of what may stand where a file is expected; the rest is slow
    "road": set(SPECIALS) - {"a link to nowhere", "a closed file", "a terminal"},
    "output": {"a pipe", "a link to itself"},
    "inside": {"a pipe", "10 GB of nothing", "a link to itself"},
}

LONG = (  # what takes seconds, and has a shorter brother in the gate
    *("15 million rows", "a million rows of nothing", "fit, 2 GB", "10 million rows", "line ends"),
    *("190,000 members", "190,000 of one name", "190,000 folders", "300,000 members"),
    *("4 million segments", "a comment of 20 MB", "2 million empty texts", "a picture to group"),
    *("backbone: products", "a million strips", "30,000 rows of 300"),
)


@dataclass(frozen=True, kw_only=True)
class Hostile:
    """One hostile file and the command line that opens it.

    Attributes:
        name: Its family and what it is.
        words: The command line, without the word `imagier`.
        write: Writes it into a folder that holds sound pictures and models.
        is_taken: Whether a result is as good as a refusal.
        is_slow: Whether it is left to the long loops.
        copies: How many pictures are opened at once.
    """

    name: str
    words: tuple[str, ...]
    write: Write
    is_taken: bool = False
    is_slow: bool = False
    copies: int = 1


class Place:
    """A folder with sound pictures, tables and models, made anew for each command."""

    def __init__(self, home: Path, runner: Runner) -> None:
        """Furnish it once; what numba compiles is compiled once too."""
        self._runner, self._sound, self._own = runner, home / "sound", home / "place"
        self._sound.mkdir(parents=True)
        _furnish(self._sound)
        for words in (
            ("train", "photos", "--network", "cnn:4", *LEARN[2:]),
            ("cluster", "groups", "-k", "2"),
            ("segment", "sound.png"),
            ("palette", "photos/left", "--shared", "--dither", "--out", "p"),
            ("cluster", "photos", "-k", "2", "--describe", "histogram"),
        ):
            runner.run(words, self._sound, patience=100)
        (self._sound / "new.imagier").rename(self._sound / "real.imagier")
        shutil.rmtree(self._sound / "p", ignore_errors=True)

    def measure(self, hostile: Hostile) -> Measured:
        """Write a hostile file and run its command."""
        self._renew()
        hostile.write(self._own)
        words, several = [*hostile.words, "--json"], hostile.copies > 1
        patience = 12 * hostile.copies if several else 12
        return self._runner.run(
            words, self._own, cores=CORES if several else None, patience=patience
        )

    def mutate(self, name: str, first: int, last: int) -> Measured:
        """Spoil and open files of one kind, for the seeds from `first` to before `last`."""
        self._renew()
        return self._runner.run(("mutate", name, str(first), str(last)), self._own, patience=10_000)

    def _renew(self) -> None:
        shutil.rmtree(self._own, ignore_errors=True)
        shutil.copytree(self._sound, self._own)


def hostile_files() -> Iterator[Hostile]:
    """Give all of them, the quick ones and the slow ones."""
    families = (_pictures, _tools, _tables, _archives, _models, _specials)
    for one in chain.from_iterable(family() for family in families):
        is_long = any(word in one.name for word in LONG)
        yield replace(one, is_slow=True) if is_long else one


def code_of(measured: Measured) -> str:
    """Give the code of the refusal as programs read it; nothing where there was a result."""
    for line in measured.out.splitlines():
        try:
            error = json.loads(line).get("error")
        except (ValueError, AttributeError):
            continue
        if isinstance(error, dict):
            return str(error.get("code", ""))
    return ""


def _pictures() -> Iterator[Hostile]:
    for name, make in PICTURES.items():

        def write(place: Path, name=name, make=make) -> None:
            (place / name).write_bytes(make())

        def write_copies(place: Path, name=name, make=make) -> None:
            content = make()
            (place / "six").mkdir()
            for number in range(COPIES):
                (place / "six" / f"{number}{Path(name).suffix}").write_bytes(content)

        one = Hostile(
            name=f"picture: {name}",
            words=("predict", "thirds.imagier", name),
            write=write,
            is_taken=name in PICTURES_TAKEN,
        )
        yield one
        yield replace(
            one,
            name=f"six pictures: {name}",
            words=("predict", "thirds.imagier", "six"),
            write=write_copies,
            copies=COPIES,
            is_slow="119 megapixels" not in name,
        )


def _tools() -> Iterator[Hostile]:
    for name, make in SHOWN.items():
        for tool, words in TOOLS.items():

            def write(place: Path, name=name, make=make) -> None:
                content = make()
                (place / name).write_bytes(content)
                (place / "six").mkdir()
                with (place / "rows.csv").open("a") as rows:
                    for number in range(COPIES):
                        file = f"six/{number}-{name}"
                        (place / file).write_bytes(content + bytes(number))
                        rows.write(f"{file},{CLASSES[number % 3]}\n")

            yield Hostile(
                name=f"tool: {tool}, {name}",
                words=tuple(word.format(file=name) for word in words),
                write=write,
                is_taken=True,
                is_slow=name != next(iter(SHOWN)),
            )


def _tables() -> Iterator[Hostile]:
    for name in TABLES:

        def write(place: Path, name=name) -> None:
            TABLES_WRITTEN[name](place / name)

        for command, words in COMMANDS.items():
            if command in {"pixels", "convolve"} and not name.endswith(".csv"):
                continue
            yield Hostile(
                name=f"table: {command}, {name}",
                words=tuple(word.format(file=name) for word in words),
                write=write,
                is_taken=True,
                is_slow=command not in {"train", "fit", "pixels"},
            )


def _archives() -> Iterator[Hostile]:
    taken = {*ARRAYS_TAKEN, *(ZIPS.keys() - ZIPS_REFUSED)}
    for name, write_file in {**ZIPS, **ARRAYS}.items():

        def write(place: Path, name=name, write_file=write_file) -> None:
            write_file(place / name)

        for words in (("train", name, *LEARN), ("test", "thirds.imagier", name)):
            yield Hostile(
                name=f"archive: {words[0]}, {name}",
                words=words,
                write=write,
                is_taken=name in taken,
                is_slow=words[0] == "train",
            )


def _models() -> Iterator[Hostile]:
    for name, make in ENGINES.items():

        def write(place: Path, make=make) -> None:
            folder(onnx=make())(place)

        yield Hostile(
            name=f"engine: {name}",
            words=("predict", FOLDER, "sound.png"),
            write=write,
            is_taken=name in ENGINES_TAKEN,
        )
    for kinds, taken, commands in (
        (CARDS, CARDS_TAKEN, commands_of),
        (RUNS, RUNS_TAKEN, commands_of_run),
    ):
        for name, write_model in kinds.items():
            for words in commands(name):
                yield Hostile(
                    name=f"model: {words[0]}, {name}",
                    words=words,
                    write=write_model,
                    is_taken=name in taken,
                    is_slow=kinds is CARDS
                    and len(commands(name)) > 1
                    and words[0] not in {"predict", "test"},
                )


def _specials() -> Iterator[Hostile]:
    roads = {"road": ROADS, "output": OUTPUTS, "inside": INNER}
    for family, table in roads.items():
        for road, (words, name) in table.items():
            for special, make in SPECIALS.items():

                def write(place: Path, name=name, make=make) -> None:
                    file = place / name
                    file.parent.mkdir(parents=True, exist_ok=True)
                    if file.is_dir() and not file.is_symlink():
                        shutil.rmtree(file)
                    file.unlink(missing_ok=True)
                    make(file)

                yield Hostile(
                    name=f"{family}: {road} = {special}",
                    words=tuple(word.format(file=name) for word in words),
                    write=write,
                    is_taken=family != "road",
                    is_slow=special not in IN_GATE[family],
                )


def _furnish(place: Path) -> None:
    """Write sixty sound pictures of three classes, a table of them, a model, a backbone."""
    levels = np.random.default_rng(0).integers(0, 256, (61, 9, 9), np.uint8)
    rows = []
    for number in range(60):
        file = place / "photos" / CLASSES[number % 3] / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(levels[number]).save(file)
        rows.append(f"{file.relative_to(place).as_posix()},{CLASSES[number % 3]}\n")
    Image.fromarray(levels[60]).save(place / "sound.png")
    (place / "rows.csv").write_text("path,label\n" + "".join(rows))
    with (place / "rows.csv").open("a") as table:
        table.write("row.png,left\nrows/x.png,left\n")
    folder()(place)
    (place / FOLDER).rename(place / "thirds.imagier")
    (place / "b.onnx").write_bytes(backbone())
    (place / "digits-images-idx3-ubyte").write_bytes(idx((4, 3, 3), bytes(range(36))))
    (place / "other-labels-idx1-ubyte").write_bytes(idx((4,), bytes([0, 1, 1, 0])))


def main() -> None:
    """Measure and print."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    home = Path(tempfile.mkdtemp())
    found: list[tuple[Hostile, Measured]] = []
    try:
        with Runner(home) as runner:
            place = Place(home, runner)
            for hostile in hostile_files():
                if wanted in hostile.name:
                    found.append((hostile, place.measure(hostile)))
                    sys.stdout.write(_line(*found[-1]) + "\n")
                    sys.stdout.flush()
    finally:
        shutil.rmtree(home, ignore_errors=True)
    for title, of in (("seconds", lambda one: one.cpu), ("memory", lambda one: one.growth)):
        for hostile, measured in sorted(found, key=lambda pair: of(pair[1]))[-5:]:
            sys.stdout.write(f"most {title}: {_line(hostile, measured)}\n")


def _line(hostile: Hostile, measured: Measured) -> str:
    code = code_of(measured) or f"exit {measured.code}"
    time = f"{measured.seconds:.2f} s | {measured.cpu:.2f} s"
    return f"| {hostile.name} | {time} | {measured.growth >> 20} MB | {code} |"


if __name__ == "__main__":
    main()
