"""Files of a model exchanged, removed, added: each is named, and nothing rests on them.

The attacker of these tests changes one file of a finished model, as one would who wants a better
figure on its page, a test on pictures that it learnt from, golden pictures that agree.
"""

import hashlib
import importlib.util
import json
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imagier.cli import main
from imagier.doctor.model_examination import examine_model
from imagier.errors import ModelError
from imagier.i18n import use_language
from imagier.recognizer import FORMAT, folder_changes, golden_files, load, read_card
from imagier.testing import evaluate_model

_spec = importlib.util.spec_from_file_location(
    "hostile_models", Path(__file__).with_name("hostile_models.py")
)
hostile = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(hostile)

PAGES = {
    "report.json": b"{}",
    "report.html": b"<p>99 %</p>",
    "MODEL_CARD.md": b"# 99 %",
    "split.csv": b"file,hash,group,part\n",
}


@pytest.fixture
def model(tmp_path):
    """Give the folder of a model with all that training writes beside it."""
    recognizer = hostile.tiny.tiny_recognizer()
    pixels = np.stack([hostile.tiny.bright(third) for third in range(3)])
    golden = golden_files(pixels, recognizer.probabilities(pixels))
    folder = tmp_path / "m.imagier"
    recognizer.with_artifacts(PAGES | golden).save(folder)
    return folder


@pytest.fixture
def photos(tmp_path):
    """Give a folder of pictures to test on."""
    for number in range(12):
        place = tmp_path / "photos" / hostile.tiny.THIRDS[number % 3]
        place.mkdir(parents=True, exist_ok=True)
        levels = hostile.tiny.bright(number % 3)[..., 0] - number
        Image.fromarray(levels).save(place / f"{number}.png")
    return tmp_path / "photos"


@pytest.fixture
def command(capsys, monkeypatch):
    def call(*words):
        monkeypatch.setattr(sys, "argv", ["imagier", *map(str, words)])
        with use_language("en"), pytest.raises(SystemExit) as end:
            main()
        answer = capsys.readouterr()
        return int(end.value.code or 0), answer.out, answer.err

    return call


def changes_of(model):
    return folder_changes(model, read_card(model)[1])


def files_of(model):
    return sorted(path.relative_to(model).as_posix() for path in model.rglob("*") if path.is_file())


# What is written


def test_every_file_has_its_hash_in_the_card(model):
    card = json.loads((model / "model.json").read_text("utf-8"))
    assert card["format"] == FORMAT == 3
    hashes = card["sha256"] | card["files"]
    assert sorted([*hashes, "model.json"]) == files_of(model)
    for name, digest in hashes.items():
        assert hashlib.sha256((model / name).read_bytes()).hexdigest() == digest
    assert changes_of(model).is_whole


def test_a_model_that_was_trained_is_whole(tmp_path, stripes_folder):
    from imagier.learning import learn

    recognizer, _ = learn(stripes_folder, network="linear", epochs=1)
    recognizer.save(tmp_path / "m.imagier")
    assert changes_of(tmp_path / "m.imagier").is_whole
    announced = set(read_card(tmp_path / "m.imagier")[1])
    assert {*PAGES, "golden/golden.json", "model.onnx", "weights.safetensors"} <= announced
    found = examine_model(tmp_path / "m.imagier")
    assert found.is_fit
    assert [one.status for one in found.findings] == ["ok"] * 3


def test_saving_again_announces_the_same(model, tmp_path):
    load(model).save(tmp_path / "again.imagier")
    assert (tmp_path / "again.imagier" / "model.json").read_bytes() == (
        model / "model.json"
    ).read_bytes()


# The doctor


@pytest.mark.parametrize("name", [*PAGES, "golden/0001.png", "golden/golden.json"])
def test_any_exchanged_file_is_named(model, name, command):
    content = bytearray((model / name).read_bytes())
    content[len(content) // 2] ^= 1
    (model / name).write_bytes(content)
    assert changes_of(model).changed == (name,)
    code, out, err = command("doctor", model)
    assert code == 4
    assert f"changed since: {name}" in out
    assert "WRONG" in out
    assert "not as it was written" in err


@pytest.mark.parametrize("name", [*PAGES, "golden/0001.png", "golden/golden.json"])
def test_any_missing_file_is_named(model, name, command):
    (model / name).unlink()
    code, out, _ = command("doctor", model)
    assert code == 4
    assert f"missing: {name}" in out


@pytest.mark.parametrize(
    "name", ["notes.txt", "golden/9999.png", "deep/er/report.html", ".hidden", "model.onnx.bak"]
)
def test_any_added_file_is_named(model, name, command):
    (model / name).parent.mkdir(parents=True, exist_ok=True)
    (model / name).write_bytes(b"x")
    code, out, _ = command("doctor", model)
    assert code == 4
    assert f"not written by imagier: {name}" in out


@pytest.mark.parametrize("kind", ["link", "folder", "pipe", "linked folder", "empty folder"])
def test_what_is_no_plain_file_is_named(model, tmp_path, kind, command):
    own = model / "report.html"
    if kind == "link":
        (tmp_path / "same.html").write_bytes(own.read_bytes())
        own.unlink()
        own.symlink_to(tmp_path / "same.html")
    elif kind == "folder":
        own.unlink()
        own.mkdir()
    elif kind == "pipe":
        own.unlink()
        os.mkfifo(own)
    elif kind == "linked folder":
        shutil.move(model / "golden", tmp_path / "golden")
        (model / "golden").symlink_to(tmp_path / "golden")
    else:
        (model / "extra").mkdir()
    assert command("doctor", model)[0] == 4


@pytest.mark.parametrize("name", ["model.onnx", "weights.safetensors"])
def test_a_changed_part_is_named_beside_the_others(model, name, command):
    (model / name).write_bytes(b"x" * 100)
    (model / "report.html").write_bytes(b"x")
    code, out, _ = command("doctor", model)
    assert code == 4
    assert f"changed since: {', '.join(sorted([name, 'report.html']))}" in out


def test_a_damaged_card_is_said(model, command):
    (model / "model.json").write_bytes(b"{")
    code, out, _ = command("doctor", model)
    assert code == 4
    assert "model.json is damaged" in out


def test_many_names_are_counted(model):
    for number in range(40):
        (model / f"{number:02d}.txt").write_bytes(b"")
    with use_language("en"):
        assert changes_of(model).sentence() == (
            "not written by imagier: 00.txt, 01.txt, 02.txt, 03.txt, 04.txt … + 35"
        )


def test_what_is_of_no_account(model):
    """The log of tests grows; the system puts files of its own everywhere."""
    for name in ("evaluations.jsonl", ".DS_Store", "Thumbs.db", ".model.json.x7f_k2ab"):
        (model / name).write_bytes(b"{}\n")
    assert changes_of(model).is_whole
    (model / "evaluations.jsonl").unlink()
    (model / "evaluations.jsonl").symlink_to("report.json")
    assert changes_of(model).added == ("evaluations.jsonl",)


def test_golden_pictures_that_do_not_agree(model, command):
    """Whoever exchanges the network and its hash is found out by what it answers."""
    recognizer = load(model)
    rows = json.loads(recognizer.artifacts["golden/golden.json"])
    rows["0000.png"] = rows["0000.png"][::-1]
    files = {**recognizer.artifacts, "golden/golden.json": json.dumps(rows).encode()}
    recognizer.with_artifacts(files).save(model, force=True)
    assert changes_of(model).is_whole
    code, out, _ = command("doctor", model)
    assert code == 4
    assert "golden pictures answered again" in out


def test_json_of_the_doctor(model, command):
    (model / "notes.txt").write_bytes(b"")
    (model / "report.html").write_bytes(b"")
    (model / "split.csv").unlink()
    code, out, _ = command("doctor", model, "--json")
    answer = json.loads(out)
    assert (code, answer["fit"]) == (4, False)
    assert [one["name"] for one in answer["findings"]] == ["model", "files", "golden"]
    files = answer["findings"][1]
    assert (files["changed"], files["missing"], files["added"]) == (
        ["report.html"], ["split.csv"], ["notes.txt"]
    )  # fmt: skip


def test_the_doctor_of_a_single_file(model, command, tmp_path):
    shutil.copy(model / "model.onnx", tmp_path / "alone.onnx")
    code, out, _ = command("doctor", tmp_path / "alone.onnx")
    assert code == 0
    assert "a single file" in out
    assert command("doctor", tmp_path / "nothing")[0] == 4


# Whoever reads them


@pytest.mark.parametrize("name", ["split.csv", "report.json"])
@pytest.mark.parametrize("harm", ["changed", "missing"])
def test_a_test_does_not_rest_on_exchanged_files(model, photos, name, harm, command):
    if harm == "changed":
        (model / name).write_bytes((model / name).read_bytes() + b"\n")
    else:
        (model / name).unlink()
    code, out, err = command("test", model, photos)
    assert (code, out) == (4, "")
    assert name in err
    assert "not as it was written" in err
    assert not (model / "evaluations.jsonl").exists()


def test_a_test_names_what_else_was_exchanged(model, photos, command):
    (model / "MODEL_CARD.md").write_bytes(b"# 100 %")
    (model / "golden" / "0000.png").unlink()
    (model / "notes.txt").write_bytes(b"")
    code, out, _ = command("test", model, photos)
    assert code == 0
    assert "changed since: MODEL_CARD.md; missing: golden/0000.png" in out
    assert "not written by imagier: notes.txt" in out
    code, out, _ = command("test", model, photos, "--json")
    assert json.loads(out)["files"] == {
        "changed": ["MODEL_CARD.md"],
        "missing": ["golden/0000.png"],
        "added": ["notes.txt"],
    }


def test_a_test_of_a_whole_model_says_nothing(model, photos, command):
    _, out, _ = command("test", model, photos, "--json")
    assert json.loads(out)["files"] == {"changed": [], "missing": [], "added": []}
    assert "as it was written" not in command("test", model, photos)[1]


def test_a_split_that_hides_what_was_learnt(model, photos):
    """Pictures learnt from, taken off the list, would flatter the figure."""
    from imagier.datasets import load as load_pictures
    from imagier.datasets import open_source

    recognizer = load(model)
    hashes = load_pictures(open_source(photos), recognizer.prepare).hashes
    parts = ["train"] * (len(hashes) - 2) + ["test"] * 2
    rows = [f"x.png,{hash_},,{part}" for hash_, part in zip(hashes, parts, strict=True)]
    split = "\n".join(["file,hash,group,part", *rows]) + "\n"
    files = {**recognizer.artifacts, "split.csv": split.encode()}
    recognizer.with_artifacts(files).save(model, force=True)
    assert evaluate_model(model, photos).leaked == 10
    (model / "split.csv").write_text("file,hash,group,part\n", "utf-8")
    with pytest.raises(ModelError) as refused:
        evaluate_model(model, photos)
    assert refused.value.code == "model_files_changed"


def test_no_exchanged_file_is_read(model):
    """Neither by a test nor by a program, nor taken over into another folder."""
    (model / "report.json").write_bytes(b'{"test": 1}')
    artifacts = load(model).artifacts
    with pytest.raises(ModelError) as refused:
        artifacts["report.json"]
    assert refused.value.code == "model_damaged"
    with pytest.raises(ModelError):
        load(model).save(model.with_name("copy.imagier"))
    assert not model.with_name("copy.imagier").exists()
    (model / "extra.txt").write_bytes(b"x")
    assert "extra.txt" not in load(model).artifacts


def test_predicting_needs_none_of_them(model):
    for name in files_of(model):
        if name not in {"model.json", "model.onnx", "weights.safetensors"}:
            (model / name).unlink()
    assert load(model).predict(hostile.tiny.bright(1)).label == "middle"


def test_a_finished_run_does_not_repeat_an_exchanged_report(tmp_path, stripes_folder, command):
    words = ("train", stripes_folder, "--network", "linear", "--epochs", "1", "--out")
    model = tmp_path / "m.imagier"
    assert command(*words, model)[0] == 0
    report = (model / "report.json").read_text("utf-8")
    code, out, _ = command(*words, model, "--resume", "--json")
    assert (code, json.loads(out)["network"]) == (0, "linear")
    for content in (report.replace("linear", "liar"), "{", "[]", '{"train": 1}'):
        (model / "report.json").write_text(content, "utf-8")
        code, out, err = command(*words, model, "--resume", "--json")
        assert code == 4
        assert "report.json" in err
    (model / "report.json").unlink()
    assert command(*words, model, "--resume", "--json")[0] == 4


# What a card may announce


@pytest.mark.parametrize(
    "files",
    [
        None,
        [],
        {"../out": "0" * 64},
        {"/etc/passwd": "0" * 64},
        {"a/../b": "0" * 64},
        {"a//b": "0" * 64},
        {"./a": "0" * 64},
        {"a\\b": "0" * 64},
        {"": "0" * 64},
        {"model.json": "0" * 64},
        {"checkpoints/plan.json": "0" * 64},
        {"report.json": "0" * 63},
        {"report.json": 1},
        {"report.json": "G" * 64},
        {f"{number}": "0" * 64 for number in range(10_001)},
    ],
    ids=range(15),
)
def test_what_no_card_may_announce(model, files):
    card = json.loads((model / "model.json").read_text("utf-8"))
    (model / "model.json").write_text(json.dumps(card | {"files": files}), "utf-8")
    with pytest.raises(ModelError) as refused:
        load(model)
    assert refused.value.code == "model_damaged"


def test_a_card_without_hashes_is_not_taken_for_a_whole_model(model):
    """Taking the key out does not make the exchange unseen: it is part of the format."""
    card = json.loads((model / "model.json").read_text("utf-8"))
    del card["files"]
    (model / "model.json").write_text(json.dumps(card), "utf-8")
    with pytest.raises(ModelError):
        load(model)
    (model / "model.json").write_text(json.dumps(card | {"format": 2}), "utf-8")
    with pytest.raises(ModelError) as refused:
        load(model)
    assert refused.value.code == "model_older"


def test_what_hashes_in_the_same_folder_do_not_prove(model):
    """Said in the documentation: who changes a file and its hash is not found out."""
    recognizer = load(model)
    files = {**recognizer.artifacts, "report.html": b"<p>100 %</p>"}
    recognizer.with_artifacts(files).save(model, force=True)
    assert examine_model(model).is_fit
