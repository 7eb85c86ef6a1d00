"""kill -9 at any moment, then `--resume`: the same model, to the bit, as if never stopped.

Each run is a process of its own, forked from one that has imported torch already, so that what
is killed is the run and not the import (see `tests/killing.py`); one test starts from nothing.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from imagier.training.checkpoints import CheckpointStore, folder_state, training_lock
from imagier.training.checkpoints.file_format import BLANK, with_checksum

KILLING = Path(__file__).parents[1] / "killing.py"
WORDS = ("--out", "m.imagier", "--epochs", "8", "--network", "cnn:4", "--seed", "0", "--quiet")
SAME = ("weights.safetensors", "model.onnx", "model.json", "split.csv", "golden/golden.json")
# changes of the disk just before which the kill comes: words of the event and of its path
MOMENTS = {
    "before anything": ("mkdir", "checkpoints"),
    "while the plan is written": ("chmod", ".plan.json."),
    "before a checkpoint has its name": ("rename", ".epoch-"),
    "before the model is whole": ("rename", ".finished."),
    "while the model is put in place": ("rename", "finished/"),
    "before the model has its card": ("rename", "m.imagier/.model.json."),
    "before the plan goes": ("remove", "checkpoints/plan.json"),
    "before the checkpoints have gone": ("rmdir", "m.imagier/checkpoints"),
}


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a process ended: -9 when it was killed."""

    code: int
    seconds: float
    out: str
    err: str
    changes: list[str]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("killed")


@pytest.fixture(scope="module")
def environment(home):
    own = {"XDG_CACHE_HOME": os.fspath(home / "cache"), "IMAGIER_LANG": "en"}
    return os.environ | own | {"OMP_WAIT_POLICY": "PASSIVE"}


@pytest.fixture(scope="module")
def source(home, draw_stripes):
    """Write 300 striped pictures, enough for a run of a second."""
    pictures, labels = draw_stripes(300, seed=3)
    place = home / "stripes"
    for number, label in enumerate(labels):
        folder = place / ("lying", "standing")[label]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pictures[number, :, :, 0]).save(folder / f"{number}.png")
    return place


@pytest.fixture(scope="module")
def train(environment, source):
    """Give the function that runs `imagier train` in `place/work`, killed when told."""
    with subprocess.Popen(
        [sys.executable, KILLING, "train"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:

        def go(place, *words, source=source, largest=None, **when):
            cwd = place / "work"
            cwd.mkdir(parents=True, exist_ok=True)
            arguments = [os.fspath(source), *(words or WORDS)]
            order = {"words": arguments, "cwd": os.fspath(cwd), "largest": largest, **when}
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()
            ended = json.loads(process.stdout.readline())
            said = {name: (place / f"{name}.txt").read_text() for name in ("out", "err", "changes")}
            return Ended(**ended | said | {"changes": said["changes"].splitlines()})

        yield go
        process.stdin.close()


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A run that was never stopped."""

    ended: Ended
    place: Path
    files: dict[str, bytes]


@pytest.fixture(scope="module")
def whole(train, home):
    """Run the run without stopping it; the second time, when nothing is new to the machine."""
    train(home / "first")
    ended = train(home / "whole")
    assert (ended.code, ended.err) == (0, "")
    files = contents(home / "whole")
    assert contents(home / "first") == files
    return Whole(ended=ended, place=home / "whole", files=files)


@pytest.fixture
def resume(train, tmp_path, whole):
    """Go on with the run of this test, which must end as if never stopped."""

    def go(*words):
        ended = train(tmp_path, *(words or WORDS), "--resume")
        assert ended.code == 0, ended.err
        assert contents(tmp_path) == whole.files
        assert_nothing_is_left_over(tmp_path, whole)
        return ended

    return go


@pytest.fixture(scope="module")
def half(train, home, whole):
    """Kill a run in its middle, while its fifth checkpoint is written."""
    at = moments(whole.ended, "rename", ".epoch-")[4]
    assert train(home / "half", at=at).code == -signal.SIGKILL
    return home / "half"


@pytest.fixture
def killed(half, tmp_path):
    """Give the folder of a run that was killed in its middle."""
    folder = tmp_path / "work" / "m.imagier"
    shutil.copytree(half / "work" / "m.imagier", folder)
    assert len(checkpoints(folder)) == 2
    return folder


def moments(ended, event, path):
    """Number the changes of the disk that are such an event at such a path."""
    return [n for n, change in enumerate(ended.changes, start=1) if is_at(event, path, change)]


def is_at(event, path, change):
    kind, _, where = change.partition(" ")
    return kind in {event, f"os.{event}"} and path in where.split(", ")[0]


def contents(place):
    """Give what must be the same; the pages, which tell how the run went, have other hashes."""
    folder = place / "work" / "m.imagier"
    card = json.loads((folder / "model.json").read_bytes())
    for name in ("report.json", "report.html", "MODEL_CARD.md"):
        del card["files"][name]
    return {name: (folder / name).read_bytes() for name in SAME} | {"model.json": card}


def assert_nothing_is_left_over(place, whole):
    names = {path.relative_to(place) for path in (place / "work").rglob("*")}
    expected = {path.relative_to(whole.place) for path in (whole.place / "work").rglob("*")}
    assert names == expected


def checkpoints(folder):
    return sorted((folder / "checkpoints").glob("epoch-*.safetensors"))


def everything(folder):
    """Name all that stands in a folder, when it was changed, and what it holds."""
    return {
        path: (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else None)
        for path in sorted(folder.rglob("*"))
    }


def standing(folder):
    """Give what was kept whole; what was half written may be swept."""
    return {path: path.read_bytes() for path in folder.glob("checkpoints/[!.l]*")}


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


# Killed at any moment


@pytest.mark.parametrize(
    "lives", [pytest.param(200, marks=pytest.mark.slow), pytest.param(10)], ids=["200", "10"]
)
def test_killed_at_any_instant(train, tmp_path, whole, lives):
    """Instants drawn evenly from the time of the unbroken run; the resumed ones die too."""
    chance = random.Random(lives)
    killed, place = 0, tmp_path
    while killed < lives:
        place = tmp_path / str(killed)
        words = WORDS
        while train(place, *words, after=chance.uniform(0, whole.ended.seconds)).code < 0:
            killed += 1
            words = (*WORDS, "--resume")
            if killed == lives:
                break
        ended = train(place, *WORDS, "--resume")
        assert ended.code == 0, (killed, ended.err)
        assert contents(place) == whole.files, killed
        assert_nothing_is_left_over(place, whole)


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.replace(" ", "-"))
def test_killed_at_the_worst_moments(train, tmp_path, whole, resume, moment):
    hits = moments(whole.ended, *MOMENTS[moment])
    assert train(tmp_path, at=hits[len(hits) // 2]).code == -signal.SIGKILL
    resume()


@pytest.mark.slow
def test_killed_before_each_change_of_the_disk(train, tmp_path, whole):
    """Twice in a row: the resumed run is killed too, at any of its changes."""
    chance = random.Random(0)
    for at in range(1, len(whole.ended.changes) + 1):
        place = tmp_path / str(at)
        assert train(place, at=at).code == -signal.SIGKILL
        train(place, *WORDS, "--resume", at=chance.randint(1, len(whole.ended.changes)))
        ended = train(place, *WORDS, "--resume")
        assert ended.code == 0, (at, ended.err)
        assert contents(place) == whole.files, at
        assert_nothing_is_left_over(place, whole)


def stay_on_one_core():
    """Learn with one thread, as the other runs here do: two give other bits."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def test_a_process_started_from_nothing(environment, source, tmp_path, resume):
    """As a user would: `imagier train` is killed once it has kept something, and typed again."""
    work = tmp_path / "work"
    work.mkdir()
    command = [sys.executable, "-m", "imagier", "train", source, *WORDS]
    with subprocess.Popen(
        command,
        cwd=work,
        env=environment,
        preexec_fn=stay_on_one_core,  # noqa: PLW1509 - it calls the system and nothing else
    ) as process:
        while not checkpoints(work / "m.imagier"):
            assert process.poll() is None
            time.sleep(0.002)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    resume()


# What is there decides


def test_nothing_saved_starts_afresh(resume):
    resume()


def test_a_finished_run_is_left_alone(train, tmp_path, resume):
    resume()
    before = everything(tmp_path / "work")
    ended = train(tmp_path, *WORDS, "--resume", "--json")
    assert ended.code == 0
    assert everything(tmp_path / "work") == before
    assert json.loads(ended.out)["epochs"] == 8


def test_without_resume_nothing_is_overwritten(train, tmp_path, killed, resume):
    before = everything(killed)
    ended = train(tmp_path)
    assert ended.code == 2
    assert "--resume" in ended.err
    assert everything(killed) == before
    resume()


def test_other_options_are_refused(train, tmp_path, killed, resume):
    before = standing(killed)
    now = ("--seed", "1", "--epochs", "9", "--network", "linear", "--loss", "squared")
    ended = train(tmp_path, *WORDS, *now, "--resume")
    assert ended.code == 2
    assert "--seed 0 → 1" in ended.err
    assert "--epochs 8 → 9" in ended.err
    assert "--network cnn:4 → linear" in ended.err
    assert "--loss cross-entropy → squared" in ended.err
    assert standing(killed) == before
    resume()


def test_other_pictures_are_refused(train, tmp_path, killed, source, resume, draw_stripes):
    picture = source / "lying" / "again.png"
    Image.fromarray(draw_stripes(1, seed=77)[0][0, :, :, 0]).save(picture)
    try:
        ended = train(tmp_path, *WORDS, "--resume")
    finally:
        picture.unlink()
    assert ended.code == 2
    assert "pictures" in ended.err
    resume()


def test_one_process_at_a_time(train, tmp_path, killed, resume):
    with training_lock(killed):
        ended = train(tmp_path, *WORDS, "--resume")
        assert ended.code == 2
        assert "Another process is learning" in ended.err
    resume()


def test_an_older_model_stays_until_the_new_one_is_whole(train, tmp_path, whole, resume):
    quick = ("--out", "m.imagier", "--epochs", "1", "--network", "linear", "--quiet")
    assert train(tmp_path, *quick).code == 0
    folder = tmp_path / "work" / "m.imagier"
    old = (folder / "model.onnx").read_bytes()
    at = moments(whole.ended, "rename", ".finished.")[0]
    assert train(tmp_path, *WORDS, "--force", at=at).code == -signal.SIGKILL
    assert (folder / "model.onnx").read_bytes() == old
    assert folder_state(folder) == "unfinished"
    resume()


# What was damaged since


def test_a_damaged_checkpoint_is_named_and_left_out(killed, train, tmp_path, whole):
    flip(checkpoints(killed)[-1])
    ended = train(tmp_path, *(word for word in WORDS if word != "--quiet"), "--resume")
    assert ended.code == 0
    assert ended.out.count("is damaged and was left out") == 1
    assert contents(tmp_path) == whole.files


def test_two_damaged_checkpoints_are_not_the_end(killed, resume):
    for path in checkpoints(killed):
        flip(path)
    resume()


def test_a_damaged_plan_starts_afresh(killed, resume):
    flip(killed / "checkpoints" / "plan.json")
    resume()


def test_a_run_of_another_version_is_refused_and_left_as_it_is(train, tmp_path, killed, whole):
    path = killed / "checkpoints" / "plan.json"
    older = json.loads(path.read_text()) | {"sha256": BLANK, "format": 1}
    path.write_bytes(with_checksum(json.dumps(older).encode()))
    before = standing(killed)
    ended = train(tmp_path, *WORDS, "--resume")
    assert ended.code == 4
    assert "plan.json was kept by another version of imagier: it has format 1" in ended.err
    assert "--force" in ended.err
    assert standing(killed) == before
    assert train(tmp_path, *WORDS, "--force").code == 0
    assert contents(tmp_path) == whole.files


def test_a_full_disk_during_a_checkpoint_keeps_the_one_before(killed, train, tmp_path, resume):
    before = [path.read_bytes() for path in checkpoints(killed)]
    ended = train(tmp_path, *WORDS, "--resume", largest=4000)
    assert ended.code == 5
    assert "no space left" in ended.err
    assert "epoch-" in ended.err
    assert [path.read_bytes() for path in checkpoints(killed)] == before
    resume()


# Several networks, and a budget


@pytest.mark.parametrize("network", ["linear;cnn:4", "auto"])
def test_the_choice_among_networks_is_the_same(train, tmp_path, network):
    words = ("--out", "m.imagier", "--epochs", "3", "--network", network, "--quiet")
    whole = train(tmp_path / "whole", *words)
    assert whole.code == 0, whole.err
    at = moments(whole, "rename", ".epoch-")[-1]
    assert train(tmp_path, *words, at=at).code == -signal.SIGKILL
    ended = train(tmp_path, *words, "--resume")
    assert ended.code == 0, ended.err
    assert contents(tmp_path) == contents(tmp_path / "whole")


def test_a_network_given_up_for_want_of_time_is_not_taken_up_again(train, tmp_path):
    words = ("--out", "m.imagier", "--network", "cnn:4", "--budget", "0.1s", "--quiet")
    whole = train(tmp_path / "whole", *words)
    assert whole.code == 0, whole.err
    at = moments(whole, "rename", ".finished.")[0]
    assert train(tmp_path, *words, at=at).code == -signal.SIGKILL
    ended = train(tmp_path, *words, "--resume")
    assert ended.code == 0, ended.err
    card = json.loads((tmp_path / "work" / "m.imagier" / "model.json").read_text())
    assert card["network"] == "linear"


def test_a_budget_resumed_is_the_run_its_pilot_planned(train, tmp_path):
    """Carried out again without a stop, the plan gives the same bits."""
    words = ("--out", "m.imagier", "--budget", "30s", "--network", "cnn:4", "--quiet")
    folder = tmp_path / "work" / "m.imagier"
    whole = train(tmp_path / "try", *words)
    assert whole.code == 0, whole.err
    at = moments(whole, "rename", ".epoch-")[1]
    assert train(tmp_path, *words, at=at).code == -signal.SIGKILL
    begun = CheckpointStore(folder).read_manifest()
    assert train(tmp_path, *words, "--resume").code == 0
    plan = json.loads((folder / "model.json").read_text())["plan"]
    assert plan == json.loads(json.dumps(begun.plan["plan"]))
    again = train(tmp_path, "--plan", "m.imagier", "--out", "again.imagier", "--quiet")
    assert again.code == 0, again.err
    first, second = (
        (tmp_path / "work" / name / "weights.safetensors").read_bytes()
        for name in ("m.imagier", "again.imagier")
    )
    assert first == second


def test_what_was_said_of_the_plan_is_said_again(tmp_path):
    """A resumed run still tells why it learns what it learns."""
    from imagier.learning.run_store import RunRecord

    asked, notes = {"network": "cnn"}, ["Time was too short."]
    RunRecord(CheckpointStore(tmp_path), asked).begin({"network": "linear"}, notes)
    record = RunRecord(CheckpointStore(tmp_path), asked, resume=True)
    assert record.recall() == {"network": "linear"}
    assert record.notes == notes
