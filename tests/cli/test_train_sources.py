"""`imagier train` on folders as people have them: where it is called, what names and links say."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imagier.cli import imagier
from imagier.cli.running import run
from imagier.i18n import use_language

QUICK = ("--epochs", "1", "--network", "linear", "--quiet")


@pytest.fixture
def work(tmp_path, monkeypatch):
    """Give an empty folder that is the current one."""
    place = tmp_path / "work"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def train(work, capsys):
    """Run `imagier train`; give the exit code and its answer as JSON, and what was said."""

    def go(*words):
        code = run(imagier, ["train", *map(str, words), *QUICK, "--json"])
        said = capsys.readouterr()
        return code, json.loads(said.out), said.err

    return go


def write(*paths, each=1):
    """Write pictures of noise, `each` of them for every path; {} in it is their number."""
    for path in paths:
        rng = np.random.default_rng(list(path.encode()))
        for number in range(each):
            file = Path(path.format(number))
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(rng.integers(0, 256, (8, 8, 3), np.uint8)).save(file)


@pytest.mark.parametrize(("inside", "source"), [("", "."), ("", "./"), ("cat", "..")])
def test_a_folder_may_be_the_current_one(train, work, monkeypatch, inside, source):
    write("photos/cat/{}.png", "photos/dog/{}.png", each=8)
    monkeypatch.chdir(work / "photos" / inside)
    code, answer, _ = train(source)
    assert (code, answer["classes"]) == (0, ["cat", "dog"])
    assert (work / "photos.imagier" / "model.onnx").is_file()
    assert Path(answer["model"]).resolve() == work / "photos.imagier"
    assert sorted(path.name for path in (work / "photos").iterdir()) == ["cat", "dog"]


def test_fifty_pictures_of_each_name_make_balanced_parts(train):
    write("photos/rose/{}.png", "photos/tulip/{}.png", "photos/daisy/{}.png", each=50)
    code, answer, _ = train("photos")
    assert code == 0
    assert answer["split"] == {"train": 108, "validation": 21, "test": 21}
    tested = [
        row for row in Path("photos.imagier/split.csv").read_text().splitlines() if "test" in row
    ]
    assert [sum(row.startswith(name) for row in tested) for name in ("rose", "tulip", "daisy")] == [
        7
    ] * 3
    assert not any("nequal" in note or "uneven" in note for note in answer["notes"])


@pytest.mark.parametrize("each", [2, 3, 5])
def test_equal_classes_are_never_called_unequal(train, each):
    write(*(f"photos/c{number:02}/{{}}.png" for number in range(20)), each=each)
    code, answer, _ = train("photos")
    assert code == 0
    assert not any("nequal" in note or "uneven" in note for note in answer["notes"])


def test_unequal_classes_are(train):
    write("photos/cat/{}.png", each=20)
    write("photos/dog/{}.png", "photos/fox/{}.png", each=5)
    _, answer, _ = train("photos")
    assert any("Classes are unequal" in note for note in answer["notes"])


def test_a_class_without_a_usable_picture_is_not_in_the_model(train):
    write("photos/cat/{}.png", "photos/dog/{}.png", each=6)
    for name in ("1.png", "2.png"):
        Path("photos/owl").mkdir(exist_ok=True)
        Path("photos/owl", name).write_bytes(b"")
    code, answer, _ = train("photos")
    assert (code, answer["classes"]) == (0, ["cat", "dog"])
    assert json.loads(Path("photos.imagier/model.json").read_bytes())["classes"] == ["cat", "dog"]
    (note,) = (note for note in answer["notes"] if "owl" in note)
    assert note.startswith("The class owl is left out: none of its 2 pictures can be used. ")
    assert note.endswith("owl/1.png is empty (0 bytes).")


def test_a_lone_class_with_usable_pictures_is_refused_with_the_reason(train):
    write("photos/cat/{}.png", each=6)
    Path("photos/owl").mkdir()
    Path("photos/owl/1.png").write_bytes(b"no picture")
    code, answer, _ = train("photos")
    assert (code, answer["error"]["code"]) == (4, "one_class_usable")
    assert "owl/1.png" in answer["error"]["message"]


@pytest.mark.parametrize("unusable", [0, 2])
def test_a_class_that_is_tested_and_never_learnt_is_refused(unusable, train):
    write("photos/train/cat/{}.png", "photos/train/dog/{}.png", each=6)
    write("photos/test/cat/{}.png", "photos/test/dog/{}.png", "photos/test/owl/{}.png", each=2)
    for number in range(unusable):
        Path("photos/train/owl").mkdir(exist_ok=True)
        Path(f"photos/train/owl/{number}.png").write_bytes(b"")
    code, answer, _ = train("photos")
    assert (code, answer["error"]["code"]) == (4, "classes_not_learnt")
    assert "pictures of the class owl in its validation or test part" in answer["error"]["message"]
    assert answer["error"]["message"].endswith(
        "train/owl/0.png is empty (0 bytes)." if unusable else "none to learn from."
    )
    code, answer, _ = train("photos", "--classes", "cat,dog")
    assert (code, answer["classes"], answer["split"]["test"]) == (0, ["cat", "dog"], 4)


def test_classes_are_told_by_names(train):
    write("photos/cat_{}.png", "photos/dog_{}.png", each=8)
    code, answer, _ = train("photos")
    assert (code, answer["error"]["code"]) == (4, "no_class_folders")
    assert "--label-from '^([A-Za-z]+)'" in answer["error"]["message"]
    code, answer, _ = train("photos", "--label-from", "^([A-Za-z]+)")
    assert (code, answer["classes"]) == (0, ["cat", "dog"])


def test_series_in_names_are_said_and_kept_together_when_asked(train):
    for number in range(12):
        write(f"photos/{'cat' if number % 2 else 'dog'}/{number:05}_{{:05}}.png", each=4)
    _, answer, _ = train("photos")
    assert any(r"--group-from '^(\d+)_'" in note for note in answer["notes"])
    _, answer, _ = train("photos", "--group-from", r"^(\d+)_", "--force")
    assert not any("--group-from" in note for note in answer["notes"])
    assert answer["leak_rate"] == 0


@pytest.mark.parametrize("source", ["digits", "table.csv"])
def test_what_tells_its_classes_itself_takes_no_pattern(train, source):
    Path("table.csv").write_text("path,label\na.png,b\n")
    code, answer, _ = train(source, "--label-from", "(a)")
    assert (code, answer["error"]["code"]) == (2, "label_from_needs_files")


def test_numbers_with_decimals_are_tested_as_the_classes_without(train):
    write("photos/0/{}.png", "photos/1/{}.png", "more/0.0/{}.png", "more/1.0/{}.png", each=8)
    code, answer, _ = train("photos", "--test", "more")
    assert (code, answer["classes"], answer["split"]["test"]) == (0, ["0", "1"], 16)
    assert run(imagier, ["test", "photos.imagier", "more", "--allow-overlap", "--quiet"]) == 0


@pytest.mark.parametrize("asked", ["red, ripe,green", '"red, ripe",green'])
def test_a_comma_in_the_name_of_a_class(train, asked):
    write("photos/red, ripe/{}.png", "photos/green/{}.png", "photos/blue/{}.png", each=6)
    code, answer, _ = train("photos", "--classes", asked)
    assert (code, answer["classes"]) == (0, ["green", "red, ripe"])


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_links_out_of_the_source_are_followed_when_asked(train):
    write("store/cat/{}.png", "store/dog/{}.png", each=8)
    Path("links").mkdir()
    for name in ("cat", "dog"):
        Path("links", name).symlink_to(Path("store", name).resolve())
    code, answer, _ = train("links")
    assert (code, answer["error"]["code"]) == (4, "no_pictures")
    assert "--follow-links" in answer["error"]["message"]
    assert train("links", "--follow-links")[:2][1]["classes"] == ["cat", "dog"]
    Path("links/cat").unlink()
    write("links/cat/{}.png", each=4)  # one class is there, the other is a link
    code, answer, _ = train("links", "--force")
    assert (code, answer["error"]["code"]) == (4, "one_class")
    assert "leads out of the folder (dog)" in answer["error"]["message"]
    assert run(imagier, ["test", "links.imagier", "links", "--follow-links", "--quiet"]) == 0


@pytest.mark.parametrize(
    ("language", "words", "sentence"),
    [
        (
            "fr",
            ["predict", "m"],
            "Il manque CHEMIN. La commande s’écrit `imagier predict MODÈLE CHEMIN…`.",
        ),
        (
            "fr",
            ["predict"],
            "Il manque MODÈLE. La commande s’écrit `imagier predict MODÈLE CHEMIN…`.",
        ),
        ("en", ["strip"], "PATH is missing. The command is written `imagier strip PATH…`."),
        ("en", ["train"], "SOURCE is missing. The command is written `imagier train SOURCE`."),
    ],
)
def test_a_word_that_is_missing_is_said_with_the_whole_line(language, words, sentence):
    line = [sys.executable, "-m", "imagier", *words]
    said = subprocess.run(
        line,
        check=False,
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"IMAGIER_LANG": language},
    )
    assert said.returncode == 2
    assert sentence in said.stderr


def test_an_empty_folder_is_said_in_french(work, monkeypatch, capsys):
    Path("vide").mkdir()
    with use_language("fr"):
        assert run(imagier, ["train", "vide"]) == 4
    assert "Il n’y a rien dans le dossier vide." in capsys.readouterr().err
