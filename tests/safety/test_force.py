"""`--force` and its like: only what is proven to be imagier's gives way, and nothing is lost.

The attacker of these tests is mostly a distracted user: a folder that happens to hold a
`model.json`, checkpoints of another program, notes beside a model.
"""

import hashlib
import importlib.util
import json
import shutil
import sys
from pathlib import Path

import pytest
from PIL import Image

from imagier.cli import main
from imagier.errors import UsageError
from imagier.files import new_folder, remove_files
from imagier.i18n import use_language
from imagier.labelling.links import check_links
from imagier.recognizer import load
from imagier.training.checkpoints import CheckpointStore, finish, folder_state, training_lock
from imagier.training.checkpoints.manifest import BLANK, with_checksum

_spec = importlib.util.spec_from_file_location(
    "hostile_models", Path(__file__).with_name("hostile_models.py")
)
hostile = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(hostile)

OPTIONS, VERSIONS = {"seed": 0, "network": "linear"}, {"imagier": "0.1.0"}
COCO = {"classes": ["cat", "dog"], "weights": "best.pt"}


def everything(folder):
    """Name all that stands in a folder, with what it holds; the lock of a run comes and goes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
        if path.name != "lock"
    }


@pytest.fixture
def recognizer():
    files = {"report.json": b"{}", "golden/0000.png": b"x", "MODEL_CARD.md": b"# thirds"}
    return hostile.tiny.tiny_recognizer().with_artifacts(files)


@pytest.fixture
def model(recognizer, tmp_path):
    recognizer.save(tmp_path / "m.imagier")
    return tmp_path / "m.imagier"


@pytest.fixture
def train(capsys, monkeypatch, stripes_folder, tmp_path):
    """Give the function that learns for a moment into m.imagier."""
    monkeypatch.chdir(tmp_path)

    def call(*words, source=stripes_folder):
        given = ("train", source, "--network", "linear", "--epochs", "1", "--out", "m.imagier")
        monkeypatch.setattr(sys, "argv", ["imagier", *map(str, given), *words])
        with use_language("en"), pytest.raises(SystemExit) as end:
            main()
        answer = capsys.readouterr()
        return int(end.value.code or 0), answer.err

    return call


def refused(recognizer, folder, code="folder_holds_others", *, names=""):
    """Try to save over a folder by force: refused, by name, and nothing in it changed."""
    before = everything(folder)
    with use_language("en"), pytest.raises(UsageError) as error:
        recognizer.save(folder, force=True)
    assert error.value.code == code
    assert names in error.value.message
    assert everything(folder) == before
    beside = [path.name for path in folder.parent.iterdir() if path.name.startswith(".")]
    assert beside == []


# A folder that is no model


@pytest.mark.parametrize(
    "card",
    [
        COCO,
        {"format": 3, **COCO},
        {"format": 3, "classes": ["a", "b"], "prepare": {}, "network": "x", "sha256": {}},
        {
            "format": 3,
            "classes": ["a", "b"],
            "prepare": {},
            "network": "x",
            "sha256": {"model.onnx": "0" * 64},
            "files": {},
        },
        [],
        "classes",
    ],
    ids=range(6),
)
def test_a_model_json_of_another_program(recognizer, tmp_path, card, train):
    folder = tmp_path / "m.imagier"
    (folder / "photos").mkdir(parents=True)
    (folder / "model.json").write_text(json.dumps(card), "utf-8")
    (folder / "photos" / "only.jpg").write_bytes(b"precious")
    refused(recognizer, folder, "not_a_model_folder")
    before = everything(folder)
    for word in ("--force", "--resume"):
        code, err = train(word)
        assert (code, everything(folder)) == (2, before), err


def test_a_model_json_beside_a_network_of_another_program(recognizer, tmp_path, train):
    """Keys as ours, a network there, but not the one that is announced."""
    folder = tmp_path / "m.imagier"
    folder.mkdir()
    digest = hashlib.sha256(b"another").hexdigest()
    card = {"format": 3, **COCO, "prepare": {}, "network": "x", "files": {}}
    card["sha256"] = {"model.onnx": digest}
    (folder / "model.json").write_text(json.dumps(card), "utf-8")
    (folder / "model.onnx").write_bytes(b"precious")
    refused(recognizer, folder, names="model.onnx")
    code, err = train("--force")
    assert code == 2
    assert "model.onnx" in err
    assert (folder / "model.onnx").read_bytes() == b"precious"


@pytest.mark.parametrize("kind", ["folder of photos", "file", "link", "lost link"])
def test_what_is_no_folder_of_ours(recognizer, tmp_path, kind, model):
    place = tmp_path / "place"
    if kind == "folder of photos":
        place.mkdir()
        (place / "only.jpg").write_bytes(b"precious")
    elif kind == "file":
        place.write_bytes(b"precious")
    else:
        place.symlink_to(model if kind == "link" else "nowhere")
    with pytest.raises(UsageError) as error:
        recognizer.save(place, force=True)
    assert error.value.code in {"not_a_model_folder", "output_exists"}
    assert kind not in {"link", "lost link"} or place.is_symlink()
    assert load(model)


# What a user put into a model's folder


@pytest.mark.parametrize(
    "name",
    ["notes.txt", ".git/config", "photos/only.jpg", "golden/mine.png", "model.onnx.bak", ".env"],
)
def test_a_file_of_the_users_own_is_named(recognizer, model, train, name):
    (model / name).parent.mkdir(parents=True, exist_ok=True)
    (model / name).write_bytes(b"precious")
    refused(recognizer, model, names=name)
    before = everything(model)
    code, err = train("--force")
    assert code == 2
    assert name in err
    assert everything(model) == before


@pytest.mark.parametrize("name", ["MODEL_CARD.md", "report.json", "golden/0000.png", "model.onnx"])
def test_a_file_that_the_user_changed_is_named(recognizer, model, train, name):
    """Notes written into the model card are the user's, not ours."""
    (model / name).write_bytes((model / name).read_bytes() + b"my own notes")
    refused(recognizer, model, names=name)
    code, err = train("--force")
    assert code == 2
    assert name in err
    assert (model / name).read_bytes().endswith(b"my own notes")


@pytest.mark.parametrize("name", ["MODEL_CARD.md", "notes.txt", "golden"])
def test_a_link_is_the_users(recognizer, model, train, tmp_path, name):
    own = tmp_path / "own"
    if name == "golden":
        shutil.move(model / "golden", own)
    else:
        own.write_bytes(b"precious")
        (model / name).unlink(missing_ok=True)
    (model / name).symlink_to(own)
    refused(recognizer, model, names=name)
    assert train("--force")[0] == 2
    assert own.exists()


def test_a_model_as_it_was_written_gives_way(recognizer, model, train):
    for name in (".DS_Store", "Thumbs.db"):
        (model / name).write_bytes(b"of the system")
    (model / "evaluations.jsonl").write_text("{}\n", "utf-8")
    (model / ".model.json.x7f_k2ab").write_bytes(b"half")
    (model / "empty").mkdir()
    recognizer.save(model, force=True)
    assert load(model).card == recognizer.card
    assert (model / ".DS_Store").read_bytes() == b"of the system", "it stays"
    assert not (model / "evaluations.jsonl").exists()
    assert not (model / ".model.json.x7f_k2ab").exists()
    assert train("--force")[0] == 0
    assert load(model).card.network == "linear"
    assert (model / ".DS_Store").exists()
    assert not list(model.parent.glob(".m.imagier*"))


def test_a_model_that_lacks_files_gives_way(recognizer, model):
    (model / "MODEL_CARD.md").unlink()
    recognizer.save(model, force=True)
    assert (model / "MODEL_CARD.md").exists()


@pytest.mark.parametrize("number", [1, 2])
def test_a_model_of_an_older_format_gives_way_by_its_names(recognizer, model, train, number):
    """Its files had no hashes: they are known by the names that were written then."""
    card = json.loads((model / "model.json").read_text("utf-8"))
    del card["files"]
    (model / "model.json").write_text(json.dumps(card | {"format": number}), "utf-8")
    (model / "looks.jsonl").write_bytes(b"{}\n")
    (model / "notes.txt").write_bytes(b"precious")
    refused(recognizer, model, names="notes.txt")
    assert train("--force")[0] == 2
    (model / "notes.txt").unlink()
    assert train("--force")[0] == 0
    assert not (model / "looks.jsonl").exists()


def test_without_force_nothing_gives_way(recognizer, model, train):
    before = everything(model)
    with pytest.raises(UsageError) as error:
        recognizer.save(model)
    assert error.value.code == "output_exists"
    assert train()[0] == 2
    assert everything(model) == before


# Checkpoints


STRANGE = ["best.pt", "epoch-1.ckpt", "deep/last.ckpt", "hparams.json", ".env", "finished/x"]


@pytest.mark.parametrize("name", STRANGE)
@pytest.mark.parametrize("word", ["--force", "--resume", None])
def test_checkpoints_of_another_program(recognizer, tmp_path, train, name, word):
    """A folder that holds nothing but `checkpoints/`, as many programs write one."""
    file = tmp_path / "m.imagier" / "checkpoints" / name
    file.parent.mkdir(parents=True)
    file.write_bytes(b"precious")
    before = everything(tmp_path / "m.imagier")
    code, err = train(*([word] if word else []))
    assert code == 2, err
    assert everything(tmp_path / "m.imagier") == before
    refused(recognizer, tmp_path / "m.imagier", "not_a_model_folder")


@pytest.mark.parametrize("name", ["plan.json", "epoch-000001.safetensors", "lock", "replaced.json"])
def test_names_as_ours_are_no_proof(tmp_path, train, name):
    """A plan counts by the checksum that it holds, a checkpoint by its own or beside a plan."""
    file = tmp_path / "m.imagier" / "checkpoints" / name
    file.parent.mkdir(parents=True)
    file.write_bytes(b'{"sha256": "' + b"0" * 64 + b'", "precious": true}')
    before = everything(tmp_path / "m.imagier")
    for word in ("--force", "--resume", "--quiet"):
        assert train(word)[0] == 2
        assert everything(tmp_path / "m.imagier") == before


def unfinished(folder):
    """Write what a run that was stopped leaves."""
    CheckpointStore(folder).write_manifest(OPTIONS, {"plan": {}}, versions=VERSIONS)
    (folder / "checkpoints" / "epoch-000001.safetensors").write_bytes(b"whatever")
    CheckpointStore(folder, "cnn:4").write_manifest(OPTIONS, {"plan": {}}, versions=VERSIONS)
    (folder / "checkpoints" / ".plan.json.x7f_k2ab").write_bytes(b"half")
    return folder / "checkpoints"


def test_an_unfinished_run_of_ours_gives_way(tmp_path, train):
    unfinished(tmp_path / "m.imagier")
    assert train()[0] == 2, "not without a word"
    assert train("--force")[0] == 0
    assert not (tmp_path / "m.imagier" / "checkpoints").exists()


@pytest.mark.parametrize(
    "name",
    ["notes.txt", "checkpoints/notes.txt", "checkpoints/cnn-4-01234567/x", "checkpoints/.env"],
)
def test_what_stands_beside_an_unfinished_run_is_named(recognizer, tmp_path, train, name):
    folder = tmp_path / "m.imagier"
    unfinished(folder)
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"precious")
    before = everything(folder)
    for word in ("--force", "--resume"):
        code, err = train(word)
        assert code == 2
        assert name in err
        assert everything(folder) == before
    with pytest.raises(UsageError):
        recognizer.save(folder, force=True)
    assert everything(folder) == before


def test_a_linked_folder_of_checkpoints(tmp_path, train):
    own = tmp_path / "own"
    own.mkdir()
    (own / "best.pt").write_bytes(b"precious")
    (tmp_path / "m.imagier").mkdir()
    (tmp_path / "m.imagier" / "checkpoints").symlink_to(own)
    for word in ("--force", "--resume", "--quiet"):
        assert train(word)[0] == 2
    assert (own / "best.pt").read_bytes() == b"precious"


def test_checkpoints_beside_a_finished_model_are_left_alone_with_others(model, train):
    (model / "checkpoints").mkdir()
    (model / "checkpoints" / "best.pt").write_bytes(b"precious")
    assert train("--resume")[0] == 0, "it is finished"
    code, err = train("--force")
    assert code == 2
    assert "checkpoints/best.pt" in err
    assert (model / "checkpoints" / "best.pt").read_bytes() == b"precious"


def test_saving_over_an_unfinished_run_is_not_for_programs(recognizer, tmp_path):
    unfinished(tmp_path / "m.imagier")
    with pytest.raises(UsageError):
        recognizer.save(tmp_path / "m.imagier", force=True)
    assert folder_state(tmp_path / "m.imagier") == "unfinished"


# What comes while a run is learning


def test_what_came_meanwhile_stays(recognizer, model):
    with training_lock(model, afresh=True):
        CheckpointStore(model).write_manifest(OPTIONS, {}, versions=VERSIONS)
        (model / "notes.txt").write_bytes(b"precious")
        (model / "checkpoints" / "mine.txt").write_bytes(b"precious")
        finish(model, recognizer.save)
    assert load(model)
    assert (model / "notes.txt").read_bytes() == b"precious"
    assert (model / "checkpoints" / "mine.txt").read_bytes() == b"precious"
    assert [path.name for path in (model / "checkpoints").iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("name", ["report.json", "model.onnx", "golden/0000.png"])
def test_what_came_in_the_way_stays_and_the_run_too(recognizer, tmp_path, name):
    """Hours of learning are not lost either: the run goes on when the file is moved."""
    folder = tmp_path / "m.imagier"
    with use_language("en"), training_lock(folder):
        CheckpointStore(folder).write_manifest(OPTIONS, {}, versions=VERSIONS)
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"precious")
        with pytest.raises(UsageError) as error:
            finish(folder, recognizer.save)
        assert error.value.code == "folder_holds_others"
        assert name in error.value.message
        assert (folder / name).read_bytes() == b"precious"
        assert folder_state(folder) == "unfinished"
        (folder / name).unlink()
        finish(folder, recognizer.save)
    assert load(folder)


def test_a_model_that_was_half_replaced_is_known_by_the_journal(recognizer, model, train):
    """Killed while the files of one model take the places of another's: all are known."""
    place = model / "checkpoints"
    CheckpointStore(model).write_manifest(OPTIONS, {}, versions=VERSIONS)
    known = {
        name: hashlib.sha256(content).hexdigest()
        for name, content in everything(model).items()
        if content is not None and not name.startswith("checkpoints/")
    }
    values = {"sha256": BLANK, "files": known}
    (place / "replaced.json").write_bytes(with_checksum(json.dumps(values).encode()))
    (model / "model.json").unlink()
    (model / "golden" / "0000.png").unlink()
    assert folder_state(model) == "unfinished"
    (model / "notes.txt").write_bytes(b"precious")
    code, err = train("--force")
    assert code == 2
    assert "notes.txt" in err
    (model / "notes.txt").unlink()
    assert train("--force")[0] == 0
    assert load(model).card.network == "linear"
    assert not (model / "checkpoints").exists()


# Folders by name


def test_a_folder_loses_only_what_is_named(tmp_path):
    old = tmp_path / "out"
    for name in ("a", "deep/b", "deep/mine", "mine", "other/mine"):
        (old / name).parent.mkdir(parents=True, exist_ok=True)
        (old / name).write_text(name, "utf-8")
    with new_folder(old, replaces=["a", "deep/b", "gone"]) as new:
        (new / "c").write_text("new", "utf-8")
    assert set(everything(old)) == {"c", "mine", "deep", "deep/mine", "other", "other/mine"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_what_has_no_place_in_the_new_folder_stays_in_the_old(tmp_path):
    old = tmp_path / "out"
    old.mkdir()
    (old / "mine").write_text("precious", "utf-8")
    with new_folder(old, replaces=[]) as new:
        (new / "mine").write_text("new", "utf-8")
    (kept,) = (path for path in tmp_path.rglob("mine") if path.parent != old)
    assert kept.read_text("utf-8") == "precious"


def test_empty_folders_of_the_users_stay(tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a").write_bytes(b"")
    remove_files(tmp_path, ["deep/a"])
    assert [path.name for path in tmp_path.iterdir()] == ["own"]


# Other roads that replace: tables, pages, figures, links


@pytest.fixture
def command(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["imagier", *map(str, words)])
        with use_language("en"), pytest.raises(SystemExit) as end:
            main()
        capsys.readouterr()
        return int(end.value.code or 0)

    return call


@pytest.mark.parametrize("option", ["--csv", "--jsonl"])
@pytest.mark.parametrize("content", ["path,label\n1.png,cat\n", '{"a": 1}\n', "notes\n", "{}\n"])
def test_answers_replace_no_table_of_the_users(command, model, tmp_path, option, content):
    Image.new("L", (9, 9)).save(tmp_path / "1.png")
    for name in ("labels.csv", "labels.jsonl", "labels.txt", "labels.json"):
        (tmp_path / name).write_text(content, "utf-8")
        assert command("predict", model, "1.png", option, name) == 2
        assert (tmp_path / name).read_text("utf-8") == content
    new = f"new.{option.removeprefix('--')}"
    assert command("predict", model, "1.png", option, new) == 0
    assert command("predict", model, "1.png", option, new) == 0, "its own it replaces"


def test_a_page_replaces_no_page_of_the_users(command, model, tmp_path):
    for third in range(3):
        folder = tmp_path / "photos" / hostile.tiny.THIRDS[third]
        folder.mkdir(parents=True)
        Image.fromarray(hostile.tiny.bright(third)[..., 0]).save(folder / "1.png")
    (tmp_path / "page.html").write_text("<h1>mine</h1>", "utf-8")
    (tmp_path / "link.html").symlink_to("page.html")
    (tmp_path / "lost.html").symlink_to("nowhere.html")
    for name in ("page.html", "link.html", "lost.html", "photos", "m.imagier/report.html"):
        assert command("test", model, "photos", "--html", name) == 2
    assert (tmp_path / "page.html").read_text("utf-8") == "<h1>mine</h1>"
    assert command("test", model, "photos", "--html", "new.html") == 0
    assert command("test", model, "photos", "--html", "new.html") == 0, "its own it replaces"


@pytest.mark.parametrize(
    "words",
    [
        ("pixels", "in.png", "--out"),
        ("palette", "in.png", "-k", "2", "--out"),
        ("segment", "in.png", "-k", "2", "--out"),
        ("convolve", "in.png", "--kernel", "edges", "--out"),
    ],
    ids=lambda words: words[0],
)
def test_no_command_replaces_its_input_even_by_force(command, tmp_path, words):
    Image.new("L", (9, 9), 7).save(tmp_path / "in.png")
    Image.new("L", (9, 9), 8).save(tmp_path / "own.png")
    before = [(tmp_path / name).read_bytes() for name in ("in.png", "own.png")]
    assert command(*words, "in.png", "--force") == 2
    assert command(*words, "own.png") == 2
    assert command(*words, "own.txt", "--force") == 2, "a kind that it does not write"
    assert [(tmp_path / name).read_bytes() for name in ("in.png", "own.png")] == before


@pytest.mark.parametrize(
    "name", ["cats/1.png", "1/photo.png", "notes.txt", "1/deep/2.png", "linked"]
)
def test_links_replace_only_folders_of_links(tmp_path, name):
    """A folder that was renamed after what it holds is the user's work."""
    photo, out = tmp_path / "photos" / "p.png", tmp_path / "out"
    photo.parent.mkdir()
    photo.write_bytes(b"precious")
    (out / "1").mkdir(parents=True)
    (out / "1" / "p.png").symlink_to(photo)
    check_links(out, photo.parent, force=True)
    (out / name).parent.mkdir(parents=True, exist_ok=True)
    if name in {"cats/1.png", "linked"}:
        (out / name).symlink_to(photo.parent if name == "linked" else photo)
    else:
        (out / name).write_bytes(b"precious")
    with pytest.raises(UsageError) as error:
        check_links(out, photo.parent, force=True)
    assert error.value.code == "cluster_out_not_links"
