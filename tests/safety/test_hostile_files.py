"""Hostile files of every format and road: a result or a named refusal, in bounded time and memory.

Each is opened by its command in a process of its own (`measuring.py`). It may take ten seconds of
work and let its memory grow by a gigabyte, however many threads there are; it ends with a result or
with a code that has a sentence, never with a traceback or as a bug of imagier's.
"""

import json
import re
from pathlib import Path

import pytest

from tests.safety.hostile_files import Hostile, Place, code_of, hostile_files
from tests.safety.measuring import Runner

ROOT = Path(__file__).parents[2]
MOST_SECONDS, MOST_GROWTH = 10.0, 1 << 30
ENDS = {0, 2, 3, 4, 5}  # the exit codes that are documented, but for a bug's
ALL = list(hostile_files())


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    home = tmp_path_factory.mktemp("hostile")
    with Runner(home) as runner:
        yield Place(home, runner)


@pytest.fixture(scope="module")
def known_codes():
    """Give the codes that have a sentence and a next step."""
    found = set()
    for file in (ROOT / "src" / "imagier" / "i18n" / "en").glob("*.json"):
        found |= set(re.findall(r'"error\.([a-z0-9_]+)\.next"', file.read_text("utf-8")))
    return found | {"usage"}


def check(hostile: Hostile, measured, known_codes):
    code = code_of(measured)
    told = f"{hostile.name}: {' '.join(hostile.words)}\n{measured.err[-2000:]}"
    assert measured.growth <= MOST_GROWTH, f"{measured.growth >> 20} MB more; {told}"
    seconds = min(measured.seconds, measured.cpu)  # other programs take their share of the clock
    assert seconds <= MOST_SECONDS * hostile.copies, f"{seconds:.1f} s of work; {told}"
    assert measured.code in ENDS, f"exit code {measured.code}; {told}"
    assert "Traceback" not in measured.err, told
    assert "bug in imagier" not in measured.err, told
    is_answer = hostile.is_taken or hostile.words[0] == "doctor"  # whose answer is what is wrong
    assert code in known_codes or (is_answer and not code), f"code {code!r}; {told}"


@pytest.mark.parametrize(
    "hostile", [one for one in ALL if not one.is_slow], ids=lambda hostile: hostile.name
)
def test_a_hostile_file_is_opened_or_refused(place, known_codes, hostile):
    check(hostile, place.measure(hostile), known_codes)


@pytest.mark.slow
@pytest.mark.parametrize(
    "hostile", [one for one in ALL if one.is_slow], ids=lambda hostile: hostile.name
)
def test_a_hostile_file_is_opened_or_refused_on_every_road(place, known_codes, hostile):
    check(hostile, place.measure(hostile), known_codes)


def test_there_are_many_kinds():
    families = {"picture", "table", "archive", "engine", "model", "road"}
    kinds = {one.name for one in ALL if one.name.partition(":")[0] in families}
    assert len(kinds) > 500


# links in a folder that a stranger made, and a command that writes there
LINKS = {
    "checkpoints, afresh": ("thirds.imagier/checkpoints", "--force"),
    "checkpoints of a finished run": ("thirds.imagier/checkpoints", "--resume"),
    "checkpoints of a new run": ("new.imagier/checkpoints", "--force"),
    "checkpoints of a run that goes on": ("new.imagier/checkpoints", "--resume"),
    "inside the checkpoints": ("thirds.imagier/checkpoints/inner", "--force"),
    "golden pictures": ("thirds.imagier/golden", "--force"),
}


@pytest.mark.parametrize("link", LINKS)
def test_what_a_link_leads_to_is_kept(place, link, tmp_path):
    name, option = LINKS[link]
    before = victim_of(tmp_path)

    def write(folder):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.symlink_to(tmp_path, target_is_directory=True)

    out = name.partition("/")[0]
    words = ("train", "photos", "--network", "linear", "--epochs", "1", "--out", out, option)
    measured = place.measure(Hostile(name=link, words=words, write=write))
    assert contents(tmp_path) == before
    assert measured.code in ENDS, measured.err


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("evaluations.jsonl", ("test", "thirds.imagier", "photos")),
        ("report.json", ("test", "thirds.imagier", "photos")),
        (
            "checkpoints/lock",
            ("train", "photos", "--network", "linear", "--epochs", "1", "--force"),
        ),
    ],
    ids=["evaluations", "report", "lock"],
)
def test_nothing_is_written_through_a_link(place, name, words, tmp_path):
    before = victim_of(tmp_path)

    def write(folder):
        for target in ("letter.txt", "new.txt"):
            file = folder / "thirds.imagier" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.unlink(missing_ok=True)
            file.symlink_to(tmp_path / target)

    out = ("--out", "thirds.imagier") if words[0] == "train" else ()
    measured = place.measure(Hostile(name=name, words=(*words, *out), write=write))
    assert contents(tmp_path) == before
    assert measured.code in ENDS, measured.err


def victim_of(folder: Path) -> dict[str, str]:
    """Write what belongs to the user, and give it."""
    (folder / "below").mkdir()
    for name in ("letter.txt", "below/deep.txt", ".hidden", "plan.json"):
        (folder / name).write_text(json.dumps(name))
    return contents(folder)


def contents(folder: Path) -> dict[str, str]:
    """Give all files below a folder with what they hold."""
    return {
        file.relative_to(folder).as_posix(): file.read_text() if file.is_file() else "folder"
        for file in sorted(folder.rglob("*"))
    }
