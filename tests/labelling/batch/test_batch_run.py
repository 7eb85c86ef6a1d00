"""Labelling a batch: every input has its row, in order, and what is done is not done again."""

import csv
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from imagier.errors import MachineError, UsageError
from imagier.labelling.batch import Share, merge_shards, part_store
from imagier.recognizer import load
from imagier.recognizer.results import csv_file, jsonl_file, prediction_columns
from tests.labelling.batch.batches import PNGS, write_folder
from tests.recognizer import tiny_models as tiny


def rows(out):
    with Path(out).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def other_model():
    tiny.tiny_recognizer(card=tiny.tiny_card(seed=1)).save("other.imagier")
    return "other.imagier"


def damage(here, n):
    """Spoil some pictures in various ways; give their paths."""
    paths = sorted(map(str, here.rglob("*.png")))
    chosen = random.Random(0).sample(paths, n)
    for number, path in enumerate(chosen):
        content = [b"", b"no picture", PNGS[0][:40], None][number % 4]
        Path(path).unlink()
        if content is None:
            os.mkfifo(path)
        else:
            Path(path).write_bytes(content)
    return {os.path.relpath(path, here) for path in chosen}


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_the_rows_are_those_of_predict(label, here, kind):
    write_folder(here / "photos", 700)
    bad = damage(here / "photos", 9)
    result = label("photos", "nowhere.png", out=f"names.{kind}")
    paths = [f"photos/{number // 100:03}/{number}.png" for number in range(700)]
    answers = load("thirds.imagier", threads=1).predict_many([*paths, "nowhere.png"], top=2)
    if kind == "csv":
        with csv_file(Path("oracle.csv"), prediction_columns(choices=2)) as write:
            for answer in answers:
                write(answer)
    else:
        with jsonl_file(Path("oracle.jsonl")) as write:
            for answer in answers:
                write(answer)
    assert Path(f"names.{kind}").read_bytes() == Path(f"oracle.{kind}").read_bytes()
    assert (result.n, result.good) == (701, 701 - len(bad) - 1)
    assert sum(result.errors.values()) == 10
    left = {one.name for one in here.glob("names*")}
    assert left == {f"names.{kind}", f"names.{kind}.job.json"}


def test_parquet_holds_the_same(label, here):
    parquet = pytest.importorskip("pyarrow.parquet")
    write_folder(here / "photos", 300)
    damage(here / "photos", 3)
    label("photos", out="names.csv")
    label("photos", out="names.parquet")
    found = parquet.read_table("names.parquet")
    assert json.loads(found.schema.metadata[b"imagier"])["model"]
    for row, other in zip(rows("names.csv"), found.to_pylist(), strict=True):
        for name, cell in row.items():
            value = other[name]
            text = str(value).lower() if isinstance(value, bool) else str(value)
            assert cell == ("" if value is None else text)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_the_file_is_the_same_with_any_number_of_processes(label, here, workers):
    write_folder(here / "photos", 600)
    damage(here / "photos", 5)
    label("photos", out="one.csv", workers=1)
    label("photos", out="some.csv", workers=workers)
    assert Path("one.csv").read_bytes() == Path("some.csv").read_bytes()


@pytest.mark.usefixtures("in_process")
class TestResume:
    def test_a_finished_batch_is_left_alone(self, label, here):
        write_folder(here / "photos", 300)
        label("photos")
        before = Path("names.csv").stat()
        result = label("photos")
        assert result.was_finished
        assert (result.n, result.labelled) == (300, 0)
        assert Path("names.csv").stat().st_mtime_ns == before.st_mtime_ns
        assert not Path("names.csv.parts").exists()

    def test_what_is_done_is_not_done_again(self, label, here):
        write_folder(here / "photos", 1000)
        interrupt(label, parts=2)
        assert not Path("names.csv").exists()
        result = label("photos")
        assert (result.n, result.labelled, result.changed) == (1000, 1000 - 512, 0)
        label("photos", out="whole.csv")
        assert Path("names.csv").read_bytes() == Path("whole.csv").read_bytes()

    def test_changed_inputs_are_said_and_done_again(self, label, here):
        write_folder(here / "photos", 1000)
        interrupt(label, parts=3)
        changed = here / "photos/003/300.png"
        changed.write_bytes(PNGS[2])
        os.utime(changed, ns=(1, 1))
        result = label("photos")
        assert (result.changed, result.labelled) == (256, 1000 - 512)
        assert "256" in " ".join(result.notes)
        assert rows("names.csv")[300]["label"] == "right"

    def test_inputs_changed_after_the_end_are_labelled_anew(self, label, here):
        write_folder(here / "photos", 10)
        label("photos")
        write_folder(here / "photos", 5, start=10)
        result = label("photos")
        assert not result.was_finished
        assert len(rows("names.csv")) == 15

    @pytest.mark.parametrize("how", ["cut", "flipped"])
    def test_a_damaged_part_is_labelled_anew(self, label, here, how):
        write_folder(here / "photos", 600)
        interrupt(label, parts=2)
        part = next(Path("names.csv.parts").glob("*.part"))
        content = bytearray(part.read_bytes())
        if how == "cut":
            del content[-9:]
        else:
            content[len(content) // 2] ^= 1
        part.write_bytes(content)
        assert label("photos").labelled == 600 - 256
        assert len(rows("names.csv")) == 600

    def test_another_model_is_refused_by_name(self, label, here):
        write_folder(here / "photos", 600)
        interrupt(label, parts=1)
        with pytest.raises(UsageError, match="another model") as refused:
            label("photos", model=other_model())
        assert refused.value.code == "label_model_changed"
        label("photos")
        with pytest.raises(UsageError) as refused:
            label("photos", model="other.imagier")
        assert refused.value.code == "label_model_changed"
        assert label("photos", model="other.imagier", force=True).labelled == 600

    def test_other_options_are_refused_by_name(self, label, here):
        write_folder(here / "photos", 5)
        label("photos")
        with pytest.raises(UsageError, match="another top: 2 instead of 3") as refused:
            label("photos", top=3)
        assert refused.value.code == "label_job_changed"

    def test_a_second_job_on_one_output_is_refused(self, label, here):
        write_folder(here / "photos", 5)
        stop = held_elsewhere(here / "names.csv.parts/.lock")
        try:
            with pytest.raises(UsageError) as refused:
                label("photos")
        finally:
            stop()
        assert refused.value.code == "label_busy"
        assert label("photos").n == 5

    @pytest.mark.parametrize("content", [b"", b"path,status,label,probability\n", b"my notes"])
    def test_a_file_that_is_not_ours_stays(self, label, here, content):
        write_folder(here / "photos", 5)
        Path("names.csv").write_bytes(content)
        for force in (False, True):
            with pytest.raises(UsageError) as refused:
                label("photos", force=force)
            assert refused.value.code == "label_not_ours"
        assert Path("names.csv").read_bytes() == content
        assert not Path("names.csv.parts").exists()

    def test_a_table_that_was_written_in_is_not_replaced(self, label, here):
        write_folder(here / "photos", 5)
        label("photos")
        with Path("names.csv").open("a") as file:
            file.write("my own row\n")
        write_folder(here / "photos", 9)
        with pytest.raises(UsageError) as refused:
            label("photos")
        assert refused.value.code == "label_not_ours"

    def test_a_full_disk_is_said_and_gone_on_from(self, label, here, monkeypatch):
        write_folder(here / "photos", 600)
        real, count = part_store.write_file, [0]

        def write_file(path, content):
            count[0] += path.suffix == ".part"
            if count[0] == 2:
                raise MachineError("disk_full", path="names.csv")
            real(path, content)

        monkeypatch.setattr(part_store, "write_file", write_file)
        with pytest.raises(MachineError) as refused:
            label("photos")
        assert refused.value.code == "disk_full"
        monkeypatch.setattr(part_store, "write_file", real)
        assert label("photos").labelled == 600 - 256

    def test_shards_laid_together_are_the_whole(self, label, here):
        write_folder(here / "photos", 700)
        damage(here / "photos", 4)
        label("photos", out="whole.csv")
        for number in (3, 1):
            label("photos", share=Share(number=number, total=3))
        with pytest.raises(UsageError, match="names-00002-of-00003") as refused:
            merge_shards(Path("names.csv"), 3)
        assert refused.value.code == "label_shards_missing"
        label("photos", share=Share(number=2, total=3))
        result = merge_shards(Path("names.csv"), 3)
        assert (result.n, result.merged) == (700, 3)
        assert Path("names.csv").read_bytes() == Path("whole.csv").read_bytes()
        assert merge_shards(Path("names.csv"), 3).was_finished

    def test_shards_of_parquet_laid_together(self, label, here):
        parquet = pytest.importorskip("pyarrow.parquet")
        write_folder(here / "photos", 300)
        label("photos", out="whole.parquet")
        for number in (1, 2):
            label("photos", out="names.parquet", share=Share(number=number, total=2))
        merge_shards(Path("names.parquet"), 2)
        assert parquet.read_table("names.parquet").equals(parquet.read_table("whole.parquet"))

    def test_shards_of_another_listing_are_not_laid_together(self, label, here):
        write_folder(here / "photos", 20)
        label("photos", share=Share(number=1, total=2))
        write_folder(here / "photos", 30)
        label("photos", share=Share(number=2, total=2))
        with pytest.raises(UsageError) as refused:
            merge_shards(Path("names.csv"), 2)
        assert refused.value.code == "label_shards_differ"

    def test_more_shards_than_pictures(self, label, here):
        write_folder(here / "photos", 2)
        found = [label("photos", share=Share(number=one, total=5)).n for one in range(1, 6)]
        assert sum(found) == 2
        merge_shards(Path("names.csv"), 5)
        assert len(rows("names.csv")) == 2

    def test_all_bad(self, label, here):
        for number in range(3):
            (here / f"{number}.png").write_bytes(b"no picture")
        result = label(*(f"{number}.png" for number in range(3)))
        assert (result.n, result.good) == (3, 0)

    def test_nothing_at_all(self, label, here):
        (here / "empty").mkdir()
        with pytest.raises(UsageError) as refused:
            label("empty")
        assert refused.value.code == "nothing_found"
        assert not Path("names.csv.parts").exists()

    def test_a_list_of_paths(self, label, here):
        write_folder(here / "photos", 3)
        assert label(paths=iter(["photos/000/1.png", "photos/000/0.png", "-"])).n == 3
        assert [row["label"] for row in rows("names.csv")] == ["middle", "left", ""]

    def test_its_own_table_is_no_picture(self, label, here):
        write_folder(here / "photos", 3)
        label("photos", out="photos/names.csv")
        assert label("photos", out="photos/names.csv").was_finished

    def test_a_model_of_lines_is_refused(self, label, here):
        tiny.tiny_reader().save("bars.imagier")
        write_folder(here / "photos", 3)
        with pytest.raises(UsageError) as refused:
            label("photos", model="bars.imagier")
        assert refused.value.code == "model_reads_lines"
        assert not Path("names.csv.parts").exists()

    def test_a_folder_without_permission(self, label, here):
        if os.geteuid() == 0:
            (here / "file").write_text("no folder")
            place = "file/names.csv"
        else:
            (here / "closed").mkdir(mode=0o500)
            place = "closed/names.csv"
        write_folder(here / "photos", 3)
        with pytest.raises(MachineError) as refused:
            label("photos", out=place)
        assert refused.value.code == "cannot_write"


def interrupt(label, *, parts):
    """Label, and interrupt the run when so many parts are written."""
    real, count = part_store.PartStore.write, [0]

    def write(self, name, part):
        if count[0] == parts:
            raise KeyboardInterrupt
        count[0] += 1
        real(self, name, part)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(part_store.PartStore, "write", write)
        with pytest.raises(KeyboardInterrupt):
            label("photos")


def held_elsewhere(path):
    """Have another process hold a lock; give what ends it."""
    held = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    held.stdout.readline()

    def stop():
        held.communicate()

    return stop


HOLD = """
import fcntl, pathlib, sys
path = pathlib.Path(sys.argv[1])
path.parent.mkdir()
file = path.open("ab")
fcntl.lockf(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""
