"""Checkpoints come back to the bit or not at all, and a kill at any moment loses little."""

import errno
import hashlib
import importlib.util
import json
import os
import random
import resource
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from imagier.errors import MachineError, ModelError, UsageError
from imagier.i18n import use_language
from imagier.training.checkpoints import (
    CheckpointStore,
    finish,
    folder_state,
    tidy,
    training_lock,
)
from imagier.training.checkpoints.manifest import BLANK, checksum_of, with_checksum
from imagier.training.plan import Plan
from imagier.training.state import TrainState

KILLING = Path(__file__).parents[1] / "killing.py"
_spec = importlib.util.spec_from_file_location("killing", KILLING)
killing = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(killing)
OPTIONS = {"network": "cnn:4", "seed": 0, "epochs": 4, "classes": [], "data": "0123"}
VERSIONS = {"imagier": "0.1.0", "torch": "2.13.0"}


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "m.imagier"


@pytest.fixture
def kept(folder, plan):
    """Give the checkpoints of a lesson that has begun."""
    checkpoints = CheckpointStore(folder)
    checkpoints.write_manifest(OPTIONS, plan.to_json(), versions=VERSIONS)
    return checkpoints


@pytest.fixture
def write(kept, plan):
    """Keep a small checkpoint after so many epochs."""

    def go(number):
        tables = {"network/w": torch.full((3,), float(number))}
        state = TrainState(epoch=number, plan=plan, tensors=tables, numbers={})
        kept.write(state, best=tables, history=list(range(number)))
        return kept.place / f"epoch-{number:06d}.safetensors"

    return go


def again(folder):
    """Open the checkpoints as the next process would."""
    checkpoints = CheckpointStore(folder)
    checkpoints.read_manifest()
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
        TrainState(epoch=2, plan=cut, tensors=tables, numbers=numbers),
        best={"w": tables["z"]},
        history=[{"epoch": 1, "loss": 1 / 3}],
    )
    checkpoints, found = again(folder)
    assert checkpoints.notes == []
    state = found.state
    assert (state.epoch, state.plan, state.numbers) == (2, cut, numbers)
    assert found.history == [{"epoch": 1, "loss": 1 / 3}]
    assert list(state.tensors) == list(tables)
    for name, table in {**state.tensors, "best": found.best["w"]}.items():
        before = tables.get(name, tables["z"]).detach()
        assert (table.dtype, table.shape) == (before.dtype, before.shape), name
        assert bits(table) == bits(before), name
    assert state.tensors["wide"].stride() == tables["wide"].stride()
    assert state.tensors["learnt"].stride() == tables["learnt"].stride()


def bits(table):
    flat = table.contiguous().reshape(-1)
    return bytes(flat.view(torch.uint8).tolist()) if flat.numel() else b""


def test_a_checkpoint_is_plain_safetensors(write):
    from safetensors import safe_open

    with safe_open(write(1), "pt") as file:
        assert file.keys() == ["best/network/w", "state/network/w"]
        assert json.loads(file.metadata()["checkpoint"])["epoch"] == 1


# Damage is found


def test_any_flipped_bit_of_a_checkpoint_is_found(write):
    content = write(3).read_bytes()
    assert checksum_of(content)
    for position in range(len(content)):
        for bit in range(8):
            changed = bytearray(content)
            changed[position] ^= 1 << bit
            assert checksum_of(bytes(changed)) is None, (position, bit)


def test_any_flipped_bit_of_the_plan_is_found(kept):
    content = (kept.place / "plan.json").read_bytes()
    assert checksum_of(content)
    for position in range(len(content)):
        for bit in range(8):
            changed = bytearray(content)
            changed[position] ^= 1 << bit
            assert checksum_of(bytes(changed)) is None, (position, bit)


def test_any_shorter_or_longer_file_is_found(write):
    content = write(3).read_bytes()
    assert all(checksum_of(content[:length]) is None for length in range(len(content)))
    assert checksum_of(content + b"\0") is None


def test_the_hash_has_one_place():
    with pytest.raises(ValueError, match="no place"):
        with_checksum(b'{"seed":0}')
    quoted = json.dumps({"note": f'"sha256":"{BLANK}"', "sha256": BLANK}).encode()
    assert checksum_of(with_checksum(quoted))


def test_a_damaged_checkpoint_is_named_and_left_out(write, folder):
    write(1)
    flip(write(2))
    checkpoints, found = again(folder)
    assert found.state.epoch == 1
    (note,) = checkpoints.notes
    assert note.startswith("The checkpoint ")
    assert "epoch-000002.safetensors is damaged" in note


@pytest.mark.parametrize("content", [b"", b"\0", b"\xff" * 500, b'{"sha256":"' + b"0" * 64 + b'"}'])
def test_rubbish_is_no_checkpoint(write, folder, content):
    write(1)
    write(2).write_bytes(content)
    checkpoints, found = again(folder)
    assert found.state.epoch == 1
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
    assert found.state.epoch == 4
    checkpoints.write(replace(found.state, epoch=7), best={}, history=[])
    assert names(checkpoints) == [
        "epoch-000004.safetensors",
        "epoch-000007.safetensors",
        "plan.json",
    ]


def test_a_checkpoint_of_another_lesson_is_left_out(write, folder, plan, tmp_path):
    theirs = write(2).read_bytes()
    other = CheckpointStore(tmp_path / "other")
    other.write_manifest(OPTIONS | {"seed": 1}, {}, versions=VERSIONS)
    (other.place / "epoch-000002.safetensors").write_bytes(theirs)
    checkpoints, found = again(tmp_path / "other")
    assert found is None
    assert "another lesson" in checkpoints.notes[0]


FORMATS = (
    "imagier.training.checkpoints.file_format.FORMAT",
    "imagier.training.checkpoints.manifest.FORMAT",
)


@pytest.fixture
def older_version():
    """Give the context in which files are written as another version of imagier wrote them."""
    with pytest.MonkeyPatch.context() as patched:
        for place in FORMATS:
            patched.setattr(place, 1)
        yield patched


def test_a_checkpoint_of_another_format_is_refused_by_name(write, folder, older_version):
    path = write(1)
    older_version.undo()
    assert folder_state(folder) == "unfinished"
    with pytest.raises(ModelError) as caught:
        again(folder)
    assert caught.value.code == "checkpoint_format"
    assert caught.value.facts == {"path": str(path), "format": "1", "known": 2}


def test_a_plan_of_another_format_is_refused_by_name(folder, older_version):
    CheckpointStore(folder).write_manifest(OPTIONS, {}, versions=VERSIONS)
    older_version.undo()
    with pytest.raises(ModelError) as caught:
        CheckpointStore(folder).read_manifest()
    assert caught.value.code == "checkpoint_format"
    for language, words in (("en", "format 1"), ("fr", "au format 1")):
        with use_language(language):
            assert "plan.json" in caught.value.message
            assert words in caught.value.message
            assert "--force" in caught.value.next_step


def test_a_run_of_an_older_version_is_not_taken_for_the_model_it_would_replace(folder):
    model(folder)
    card = hashlib.sha256((folder / "model.json").read_bytes()).hexdigest()
    older = {"sha256": BLANK, "format": 1, "wishes": {}, "plan": {}, "versions": {}, "over": card}
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / "plan.json").write_bytes(with_checksum(json.dumps(older).encode()))
    assert folder_state(folder) == "unfinished"
    with pytest.raises(ModelError) as caught:
        CheckpointStore(folder).read_manifest()
    assert caught.value.code == "checkpoint_format"


# The last two, and nothing half done


def test_the_last_two_are_kept(write, kept):
    for number in range(1, 6):
        write(number)
        expected = [f"epoch-{n:06d}.safetensors" for n in (number - 1, number) if n]
        assert names(kept) == [*expected, "plan.json"]


def test_a_new_lesson_removes_the_checkpoints_of_the_old(write, kept, plan):
    write(1)
    kept.write_manifest(OPTIONS | {"seed": 1}, {}, versions=VERSIONS)
    assert names(kept) == ["plan.json"]


def test_what_a_killed_writer_left_is_swept(write, kept, folder):
    write(1)
    (kept.place / ".epoch-000002.safetensors.x7f_k2ab").write_bytes(b"half")
    (kept.place / ".plan.json.x7f_k2ab").write_bytes(b"half")
    (kept.place / ".finished.x7f_k2ab").mkdir()
    (kept.place / ".finished.x7f_k2ab" / "model.onnx").write_bytes(b"half")
    model(kept.place / "finished")
    (kept.place / "finished" / "model.onnx").unlink()  # moved already
    with training_lock(folder):
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
    assert again(folder)[1].state.epoch == 1
    write(2)
    assert again(folder)[1].state.epoch == 2


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
    assert again(folder)[1].state.epoch == 1


def test_a_place_that_cannot_be_written_is_named(folder, plan):
    folder.mkdir()
    (folder / "checkpoints").write_bytes(b"in the way")
    with pytest.raises(MachineError) as caught:
        CheckpointStore(folder).write_manifest(OPTIONS, {}, versions=VERSIONS)
    assert caught.value.code == "cannot_write"
    with pytest.raises(MachineError) as caught, training_lock(folder):
        pass
    assert caught.value.code == "cannot_write"


# The plan


def test_the_plan_comes_back(folder, kept, plan):
    begun = CheckpointStore(folder).read_manifest()
    assert (begun.options, begun.versions) == (OPTIONS, VERSIONS)
    assert Plan.from_json(begun.plan) == plan
    begun.check(OPTIONS, path="m")
    begun.check({"seed": 0, "classes": ()}, path="m")
    assert begun.version_notes(VERSIONS) == []


def test_each_difference_is_named(kept):
    begun = kept.read_manifest()
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
    (note,) = kept.read_manifest().version_notes(VERSIONS | {"torch": "2.14.0"})
    assert "torch 2.13.0" in note
    assert "torch 2.14.0" in note
    assert "imagier 0.1.0" not in note


def test_a_damaged_plan_is_said_and_gives_nothing(kept, folder, write):
    write(1)
    flip(kept.place / "plan.json", 100)
    checkpoints, found = again(folder)
    assert found is None
    assert "starts again from the beginning" in checkpoints.notes[0]
    assert folder_state(folder) == "unfinished"


def test_no_plan_is_no_damage(folder):
    checkpoints, found = again(folder)
    assert found is None
    assert checkpoints.notes == []


# What stands in the folder, and who learns there


def model(folder, name="old", *, golden=False):
    for file, content in killing.model_files(name, golden=golden).items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(content)


def test_what_stands_in_the_folder(folder, plan, tmp_path):
    assert folder_state(folder) == "nothing"
    folder.mkdir()
    assert folder_state(folder) == "nothing"
    with training_lock(folder):
        assert folder_state(folder) == "nothing"
    CheckpointStore(folder).write_manifest(OPTIONS, {}, versions=VERSIONS)
    assert folder_state(folder) == "unfinished"
    model(folder)
    assert folder_state(folder) == "finished"
    CheckpointStore(folder).write_manifest(OPTIONS, {}, versions=VERSIONS)
    assert folder_state(folder) == "unfinished"  # over an older model
    model(folder, "new")
    assert folder_state(folder) == "finished"


@pytest.mark.parametrize("name", ["notes.txt", "model.json", "model.onnx"])
def test_something_else_is_foreign(folder, name):
    folder.mkdir()
    (folder / name).write_text("{}")
    assert folder_state(folder) == "foreign"
    with pytest.raises(UsageError) as caught:
        finish(folder, model)
    assert caught.value.code == "not_a_model_folder"
    assert (folder / name).read_text() == "{}"


def test_a_file_or_a_lost_link_is_foreign(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to("nowhere")
    assert folder_state(tmp_path / "file") == "foreign"
    assert folder_state(tmp_path / "link") == "foreign"


def test_a_finished_model_takes_the_place_of_the_checkpoints(write, folder):
    write(1)
    with training_lock(folder):
        finish(folder, lambda place: model(place, "new"))
    assert sorted(path.name for path in folder.iterdir()) == ["model.json", "model.onnx"]
    assert folder_state(folder) == "finished"


def test_a_finished_model_takes_the_place_of_an_older_one(folder, plan):
    model(folder, golden=True)
    with training_lock(folder):
        CheckpointStore(folder).write_manifest(OPTIONS, {}, versions=VERSIONS)
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
    assert again(folder)[1].state.epoch == 1


def interrupted(folder):
    with training_lock(folder):
        CheckpointStore(folder).write_manifest(OPTIONS, {}, versions=VERSIONS)
        raise KeyboardInterrupt


def test_a_lesson_that_kept_nothing_leaves_nothing(folder):
    with pytest.raises(KeyboardInterrupt):
        interrupted(folder)
    assert not folder.exists()
    folder.mkdir()
    with training_lock(folder):
        pass
    assert list(folder.iterdir()) == []  # it was there before


def test_a_lesson_begun_afresh_forgets_the_one_before(write, kept, folder):
    write(1)
    with training_lock(folder, afresh=True):
        assert names(kept) == ["lock"]
        assert again(folder)[1] is None


def test_several_networks_keep_their_checkpoints_apart(folder, plan):
    specs = ["", "cnn:4", "cnn 4", "../cnn/4", "é"]
    for number, spec in enumerate(specs):
        checkpoints = CheckpointStore(folder, spec)
        checkpoints.write_manifest({"network": spec}, {}, versions={})
        state = TrainState(epoch=number, plan=plan, tensors={}, numbers={})
        checkpoints.write(state, best={}, history=[])
        assert checkpoints.place.resolve().is_relative_to(folder.resolve())
        assert folder_state(folder) == "unfinished"
        if number == 0:
            (folder / "checkpoints" / "plan.json").rename(folder / "plan")
    for number, spec in enumerate(specs[1:], start=1):
        checkpoints = CheckpointStore(folder, spec)
        assert checkpoints.read_manifest().options == {"network": spec}
        assert checkpoints.latest().state.epoch == number
    with training_lock(folder, afresh=True):
        pass
    assert [path.name for path in folder.iterdir()] == ["plan"]


def test_checkpoints_left_beside_a_finished_model_go(folder, write):
    write(1)
    tidy(folder)
    assert folder_state(folder) == "unfinished"
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
            words = ["m.imagier", json.dumps(plan.to_json())]
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
    CheckpointStore(folder).write_manifest(OPTIONS, {}, versions=VERSIONS)
    with training_lock(folder):
        code, out, err = keep(tmp_path / "work", plan)
        assert (code, out) == (1, "")
        assert "Another process is learning into m.imagier." in err
        assert folder_state(folder) == "unfinished"
        CheckpointStore(folder).write_manifest(OPTIONS, {}, versions=VERSIONS)
        (folder / "checkpoints" / "epoch-000001.safetensors").write_bytes(b"")
    code, out, err = keep(tmp_path / "work", plan)
    assert (code, err) == (0, "")
    assert folder_state(folder) == "finished"


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
    "m.imagier/model.json": killing.model_files("new", golden=True)["model.json"],
    "m.imagier/model.onnx": b"new",
}


def contents(cwd):
    files = (path for path in cwd.rglob("*") if path.is_file())
    return {path.relative_to(cwd).as_posix(): path.read_bytes() for path in files}


def check_what_is_left(folder, said):
    state = folder_state(folder)
    if said[-1:] == ["finished"]:
        assert state == "finished"
    elif said:
        assert state in {"unfinished", "finished"}
        if state == "unfinished":
            checkpoints, found = again(folder)
            assert found.state.epoch >= int(said[-1].split()[1])
            assert checkpoints.notes == []
    else:
        assert state in {"nothing", "unfinished"}
