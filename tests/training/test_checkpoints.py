"""Checkpoints come back to the bit or not at all, and a kill at any moment loses little."""

import errno
import json
import os
import random
import resource
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch

from imagier.errors import MachineError, UsageError
from imagier.i18n import use_language
from imagier.training.checkpoints import Checkpoints, finish, sole_learner, state_of, tidy
from imagier.training.checkpoints.sealing import BLANK, digest_of, seal
from imagier.training.loop import Snapshot
from imagier.training.plan import Plan

KILLING = Path(__file__).parents[1] / "killing.py"
WISHES = {"network": "cnn:4", "seed": 0, "epochs": 4, "classes": [], "data": "0123"}
VERSIONS = {"imagier": "0.1.0", "torch": "2.13.0"}


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "m.imagier"


@pytest.fixture
def kept(folder, plan):
    """Give the checkpoints of a lesson that has begun."""
    checkpoints = Checkpoints(folder)
    checkpoints.write_plan(WISHES, plan.to_json(), versions=VERSIONS)
    return checkpoints


@pytest.fixture
def write(kept, plan):
    """Keep a small checkpoint after so many epochs."""

    def go(number):
        tables = {"network/w": torch.full((3,), float(number))}
        snapshot = Snapshot(number=number, plan=plan, tensors=tables, numbers={})
        kept.write(snapshot, best=tables, course=list(range(number)))
        return kept.place / f"epoch-{number:06d}.safetensors"

    return go


def again(folder):
    """Open the checkpoints as the next process would."""
    checkpoints = Checkpoints(folder)
    checkpoints.read_plan()
    return checkpoints, checkpoints.latest()


def names(kept):
    return sorted(path.name for path in kept.place.iterdir())


def flip(path, position=-1):
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)


# What is kept comes back


def odd_tables():
    generator = torch.Generator().manual_seed(0)
    shared = torch.randn(4, 3, generator=generator)
    picture = torch.randn(2, 3, 4, 5, generator=generator)
    return {
        "z": shared,
        "a/rows": shared[1:],
        "a/turned": shared.t(),
        "step": torch.tensor(7),
        "rate": torch.tensor(0.1, dtype=torch.float64),
        "none": torch.zeros(0, 5),
        "order": torch.arange(5).flip(0),
        "seen": torch.tensor([True, False]),
        "half": torch.tensor([1.5, -0.0]).to(torch.bfloat16),
        "odd": torch.tensor([float("nan"), -float("inf"), 1e-45]),
        "bytes": torch.arange(256).to(torch.uint8),
        "wide": picture.contiguous(memory_format=torch.channels_last),
        "learnt": torch.nn.Parameter(picture),
    }


def test_tables_of_every_kind_come_back_to_the_bit(kept, plan, folder):
    tables = odd_tables()
    cut = replace(plan, class_weights=(0.1, 1 / 3)).cut(2, 3)
    numbers = {"seed": 2**127 + 1, "loss": 0.1 + 0.2, "worst": float("inf"), "rows": [1, [2, {}]]}
    kept.write(
        Snapshot(number=2, plan=cut, tensors=tables, numbers=numbers),
        best={"w": tables["z"]},
        course=[{"epoch": 1, "loss": 1 / 3}],
    )
    checkpoints, found = again(folder)
    assert checkpoints.notes == []
    snapshot = found.snapshot
    assert (snapshot.number, snapshot.plan, snapshot.numbers) == (2, cut, numbers)
    assert found.course == [{"epoch": 1, "loss": 1 / 3}]
    assert list(snapshot.tensors) == list(tables)
    for name, table in {**snapshot.tensors, "best": found.best["w"]}.items():
        before = tables.get(name, tables["z"]).detach()
        assert (table.dtype, table.shape) == (before.dtype, before.shape), name
        assert bits(table) == bits(before), name
    assert snapshot.tensors["wide"].stride() == tables["wide"].stride()
    assert snapshot.tensors["learnt"].stride() == tables["learnt"].stride()


def bits(table):
    flat = table.contiguous().reshape(-1)
    return bytes(flat.view(torch.uint8).tolist()) if flat.numel() else b""


def test_a_checkpoint_is_plain_safetensors(write):
    from safetensors import safe_open

    with safe_open(write(1), "pt") as file:
        assert file.keys() == ["best/network/w", "snapshot/network/w"]
        assert json.loads(file.metadata()["checkpoint"])["number"] == 1


# Damage is found


def test_any_flipped_bit_of_a_checkpoint_is_found(write):
    content = write(3).read_bytes()
    assert digest_of(content)
    for position in range(len(content)):
        for bit in range(8):
            changed = bytearray(content)
            changed[position] ^= 1 << bit
            assert digest_of(bytes(changed)) is None, (position, bit)


def test_any_flipped_bit_of_the_plan_is_found(kept):
    content = (kept.place / "plan.json").read_bytes()
    assert digest_of(content)
    for position in range(len(content)):
        for bit in range(8):
            changed = bytearray(content)
            changed[position] ^= 1 << bit
            assert digest_of(bytes(changed)) is None, (position, bit)


def test_any_shorter_or_longer_file_is_found(write):
    content = write(3).read_bytes()
    assert all(digest_of(content[:length]) is None for length in range(len(content)))
    assert digest_of(content + b"\0") is None


def test_the_hash_has_one_place():
    with pytest.raises(ValueError, match="no place"):
        seal(b'{"seed":0}')
    quoted = json.dumps({"note": f'"sha256":"{BLANK}"', "sha256": BLANK}).encode()
    assert digest_of(seal(quoted))


def test_a_damaged_checkpoint_is_named_and_left_out(write, folder):
    write(1)
    flip(write(2))
    checkpoints, found = again(folder)
    assert found.snapshot.number == 1
    (note,) = checkpoints.notes
    assert note.startswith("The checkpoint ")
    assert "epoch-000002.safetensors is damaged" in note


@pytest.mark.parametrize("content", [b"", b"\0", b"\xff" * 500, b'{"sha256":"' + b"0" * 64 + b'"}'])
def test_rubbish_is_no_checkpoint(write, folder, content):
    write(1)
    write(2).write_bytes(content)
    checkpoints, found = again(folder)
    assert found.snapshot.number == 1
    assert len(checkpoints.notes) == 1


def test_when_both_are_damaged_there_is_none(write, folder):
    flip(write(1))
    flip(write(2))
    checkpoints, found = again(folder)
    assert found is None
    assert len(checkpoints.notes) == 2


def test_the_good_one_stays_while_a_damaged_one_is_written_again(write, folder, plan):
    paths = [write(number) for number in (4, 5)]
    flip(paths[1])
    checkpoints, found = again(folder)
    assert found.snapshot.number == 4
    checkpoints.write(replace(found.snapshot, number=7), best={}, course=[])
    assert names(checkpoints) == [
        "epoch-000004.safetensors",
        "epoch-000007.safetensors",
        "plan.json",
    ]


def test_a_checkpoint_of_another_lesson_is_left_out(write, folder, plan, tmp_path):
    theirs = write(2).read_bytes()
    other = Checkpoints(tmp_path / "other")
    other.write_plan(WISHES | {"seed": 1}, {}, versions=VERSIONS)
    (other.place / "epoch-000002.safetensors").write_bytes(theirs)
    checkpoints, found = again(tmp_path / "other")
    assert found is None
    assert "another lesson" in checkpoints.notes[0]


def test_a_checkpoint_of_another_format_is_left_out(write, folder, monkeypatch):
    write(1)
    monkeypatch.setattr("imagier.training.checkpoints.encoding.FORMAT", 2)
    assert again(folder)[1] is None


# The last two, and nothing half done


def test_the_last_two_are_kept(write, kept):
    for number in range(1, 6):
        write(number)
        expected = [f"epoch-{n:06d}.safetensors" for n in (number - 1, number) if n]
        assert names(kept) == [*expected, "plan.json"]


def test_a_new_lesson_removes_the_checkpoints_of_the_old(write, kept, plan):
    write(1)
    kept.write_plan(WISHES | {"seed": 1}, {}, versions=VERSIONS)
    assert names(kept) == ["plan.json"]


def test_what_a_killed_writer_left_is_swept(write, kept, folder):
    write(1)
    (kept.place / ".epoch-000002.safetensors.x7f_k2ab").write_bytes(b"half")
    (kept.place / ".plan.json.x7f_k2ab").write_bytes(b"half")
    (kept.place / "finished").mkdir()
    (kept.place / "finished" / "model.onnx").write_bytes(b"half")
    with sole_learner(folder):
        assert names(kept) == ["epoch-000001.safetensors", "lock", "plan.json"]
    assert names(kept) == ["epoch-000001.safetensors", "plan.json"]


def full_at(function, code=errno.ENOSPC):
    """Let a function of the system find the disk full."""

    def fail(*_, **__):
        raise OSError(code, os.strerror(code))

    return function, fail


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("function", ["os.fsync", "tempfile.mkstemp", "pathlib.Path.replace"])
def test_a_full_disk_is_named_and_the_one_before_untouched(
    write, folder, kept, monkeypatch, function, code
):
    before = write(1).read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(*full_at(function, code))
        with pytest.raises(MachineError) as caught:
            write(2)
    assert caught.value.code == "disk_full"
    assert "epoch-000002.safetensors" in str(caught.value)
    assert names(kept) == ["epoch-000001.safetensors", "plan.json"]
    assert (kept.place / "epoch-000001.safetensors").read_bytes() == before
    assert again(folder)[1].snapshot.number == 1
    write(2)
    assert again(folder)[1].snapshot.number == 2


def test_a_file_too_large_for_the_system_is_named(write, folder, kept):
    write(1)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, limits[1]))
    try:
        with pytest.raises(MachineError) as caught:
            write(2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert caught.value.code == "disk_full"
    assert names(kept) == ["epoch-000001.safetensors", "plan.json"]
    assert again(folder)[1].snapshot.number == 1


def test_a_place_that_cannot_be_written_is_named(folder, plan):
    folder.mkdir()
    (folder / "checkpoints").write_bytes(b"in the way")
    with pytest.raises(MachineError) as caught:
        Checkpoints(folder).write_plan(WISHES, {}, versions=VERSIONS)
    assert caught.value.code == "cannot_write"
    with pytest.raises(MachineError) as caught, sole_learner(folder):
        pass
    assert caught.value.code == "cannot_write"


# The plan


def test_the_plan_comes_back(folder, kept, plan):
    begun = Checkpoints(folder).read_plan()
    assert (begun.wishes, begun.versions) == (WISHES, VERSIONS)
    assert Plan.from_json(begun.plan) == plan
    begun.check(WISHES, path="m")
    begun.check({"seed": 0, "classes": ()}, path="m")
    assert begun.changes(VERSIONS) == []


def test_each_difference_is_named(kept):
    begun = kept.read_plan()
    now = {"network": "cnn:4", "seed": 3, "classes": ("a", "b"), "budget": 60.0, "strange": True}
    with pytest.raises(UsageError) as caught:
        begun.check(now | {"data": "4567"}, path="m.imagier")
    assert caught.value.code == "resume_conflict"
    said = caught.value.message
    assert "m.imagier" in said
    assert "--seed 0 → 3" in said
    assert "--classes not given → a,b" in said
    assert "--budget not given → 60" in said
    assert "--strange not given → given" in said
    assert "pictures" in said
    assert "network" not in said
    with use_language("fr"):
        assert "--seed 0 → 3" in caught.value.message


def test_other_engines_are_said(kept):
    (note,) = kept.read_plan().changes(VERSIONS | {"torch": "2.14.0"})
    assert "torch 2.13.0" in note
    assert "torch 2.14.0" in note
    assert "imagier 0.1.0" not in note


def test_a_damaged_plan_is_said_and_gives_nothing(kept, folder, write):
    write(1)
    flip(kept.place / "plan.json", 100)
    checkpoints, found = again(folder)
    assert found is None
    assert "starts again from the beginning" in checkpoints.notes[0]
    assert state_of(folder) == "unfinished"


def test_no_plan_is_no_damage(folder):
    checkpoints, found = again(folder)
    assert found is None
    assert checkpoints.notes == []


# What stands in the folder, and who learns there


def model(folder, name="old"):
    folder.mkdir(exist_ok=True)
    (folder / "model.json").write_text(json.dumps({"classes": [name]}))
    (folder / "model.onnx").write_text(name)


def test_what_stands_in_the_folder(folder, plan, tmp_path):
    assert state_of(folder) == "nothing"
    folder.mkdir()
    assert state_of(folder) == "nothing"
    with sole_learner(folder):
        assert state_of(folder) == "nothing"
    Checkpoints(folder).write_plan(WISHES, {}, versions=VERSIONS)
    assert state_of(folder) == "unfinished"
    model(folder)
    assert state_of(folder) == "finished"
    Checkpoints(folder).write_plan(WISHES, {}, versions=VERSIONS)
    assert state_of(folder) == "unfinished"  # over an older model
    model(folder, "new")
    assert state_of(folder) == "finished"


@pytest.mark.parametrize("name", ["notes.txt", "model.json", "model.onnx"])
def test_something_else_is_foreign(folder, name):
    folder.mkdir()
    (folder / name).write_text("{}")
    assert state_of(folder) == "foreign"
    with pytest.raises(UsageError) as caught:
        finish(folder, model)
    assert caught.value.code == "not_a_model_folder"
    assert (folder / name).read_text() == "{}"


def test_a_file_or_a_lost_link_is_foreign(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to("nowhere")
    assert state_of(tmp_path / "file") == "foreign"
    assert state_of(tmp_path / "link") == "foreign"


def test_a_finished_model_takes_the_place_of_the_checkpoints(write, folder):
    write(1)
    with sole_learner(folder):
        finish(folder, lambda place: model(place, "new"))
    assert sorted(path.name for path in folder.iterdir()) == ["model.json", "model.onnx"]
    assert state_of(folder) == "finished"


def test_a_finished_model_takes_the_place_of_an_older_one(folder, plan):
    model(folder)
    (folder / "golden").mkdir()
    (folder / "golden" / "golden.json").write_text("{}")
    with sole_learner(folder):
        Checkpoints(folder).write_plan(WISHES, {}, versions=VERSIONS)
        finish(folder, lambda place: model(place, "new"))
    assert sorted(path.name for path in folder.iterdir()) == ["model.json", "model.onnx"]
    assert (folder / "model.onnx").read_text() == "new"


def test_a_disk_full_at_the_end_leaves_the_older_model_and_the_checkpoints(write, folder):
    model(folder)
    write(1)

    def fail(place):
        model(place, "new")
        raise OSError(errno.ENOSPC, "full")

    with pytest.raises(MachineError):
        finish(folder, fail)
    assert (folder / "model.onnx").read_text() == "old"
    assert again(folder)[1].snapshot.number == 1


def interrupted(folder):
    with sole_learner(folder):
        Checkpoints(folder).write_plan(WISHES, {}, versions=VERSIONS)
        raise KeyboardInterrupt


def test_a_lesson_that_kept_nothing_leaves_nothing(folder):
    with pytest.raises(KeyboardInterrupt):
        interrupted(folder)
    assert not folder.exists()
    folder.mkdir()
    with sole_learner(folder):
        pass
    assert list(folder.iterdir()) == []  # it was there before


def test_a_lesson_begun_afresh_forgets_the_one_before(write, kept, folder):
    write(1)
    with sole_learner(folder, afresh=True):
        assert names(kept) == ["lock"]
        assert again(folder)[1] is None


def test_several_networks_keep_their_checkpoints_apart(folder, plan):
    specs = ["", "cnn:4", "cnn 4", "../cnn/4", "é"]
    for number, spec in enumerate(specs):
        checkpoints = Checkpoints(folder, spec)
        checkpoints.write_plan({"network": spec}, {}, versions={})
        snapshot = Snapshot(number=number, plan=plan, tensors={}, numbers={})
        checkpoints.write(snapshot, best={}, course=[])
        assert checkpoints.place.resolve().is_relative_to(folder.resolve())
        assert state_of(folder) == "unfinished"
        if number == 0:
            (folder / "checkpoints" / "plan.json").rename(folder / "plan")
    for number, spec in enumerate(specs[1:], start=1):
        checkpoints = Checkpoints(folder, spec)
        assert checkpoints.read_plan().wishes == {"network": spec}
        assert checkpoints.latest().snapshot.number == number
    with sole_learner(folder, afresh=True):
        pass
    assert [path.name for path in folder.iterdir()] == ["plan"]


def test_checkpoints_left_beside_a_finished_model_go(folder, write):
    write(1)
    tidy(folder)
    assert state_of(folder) == "unfinished"
    assert again(folder)[1] is not None
    model(folder)
    tidy(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["model.json", "model.onnx"]


@pytest.fixture(scope="module")
def keep():
    """Give the function that keeps checkpoints in another process, killed when told."""
    with subprocess.Popen(
        [sys.executable, KILLING, "keep"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    ) as process:

        def go(cwd, plan, **when):
            cwd.mkdir(parents=True, exist_ok=True)
            words = ["m.imagier", json.dumps(asdict(plan))]
            order = {"words": words, "cwd": os.fspath(cwd), **when}
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()
            code = json.loads(process.stdout.readline())["code"]
            said = [(cwd.parent / f"{name}.txt").read_text() for name in ("out", "err")]
            return code, *said

        yield go
        process.stdin.close()


def test_one_process_at_a_time(keep, tmp_path, plan):
    folder = tmp_path / "work" / "m.imagier"
    Checkpoints(folder).write_plan(WISHES, {}, versions=VERSIONS)
    with sole_learner(folder):
        code, out, err = keep(tmp_path / "work", plan)
        assert (code, out) == (1, "")
        assert "Another process is learning into m.imagier." in err
        assert state_of(folder) == "unfinished"
        Checkpoints(folder).write_plan(WISHES, {}, versions=VERSIONS)
        (folder / "checkpoints" / "epoch-000001.safetensors").write_bytes(b"")
    code, out, err = keep(tmp_path / "work", plan)
    assert (code, err) == (0, "")
    assert state_of(folder) == "finished"


# Killed before any change of the disk


@pytest.mark.parametrize(
    "step", [pytest.param(1, marks=pytest.mark.slow, id="each"), pytest.param(6, id="one-in-six")]
)
def test_killed_before_a_change_of_the_disk(keep, tmp_path, plan, step):
    """Whatever was kept stays kept; going on from there, however often killed, ends the same."""
    assert keep(tmp_path / "whole" / "work", plan)[::2] == (0, "")
    assert contents(tmp_path / "whole" / "work") == MODEL
    changes = len((tmp_path / "whole" / "changes.txt").read_text().splitlines())
    assert changes > 50
    chance = random.Random(0)
    for at in range(1, changes + 1, step):
        cwd = tmp_path / str(at) / "work"
        code, said, _ = keep(cwd, plan, at=at)
        assert code == -9, at
        check_what_is_left(cwd / "m.imagier", said.splitlines())
        keep(cwd, plan, at=chance.randint(1, changes))
        code, _, err = keep(cwd, plan)
        assert (code, contents(cwd)) == (0, MODEL), (at, err)


MODEL = {
    "m.imagier/golden/golden.json": b"{}",
    "m.imagier/model.json": b'{"classes": ["new"]}',
    "m.imagier/model.onnx": b"new",
}


def contents(cwd):
    files = (path for path in cwd.rglob("*") if path.is_file())
    return {path.relative_to(cwd).as_posix(): path.read_bytes() for path in files}


def check_what_is_left(folder, said):
    state = state_of(folder)
    if said[-1:] == ["finished"]:
        assert state == "finished"
    elif said:
        assert state in {"unfinished", "finished"}
        if state == "unfinished":
            checkpoints, found = again(folder)
            assert found.snapshot.number >= int(said[-1].split()[1])
            assert checkpoints.notes == []
    else:
        assert state in {"nothing", "unfinished"}
