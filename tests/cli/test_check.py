"""`imagier check` as it is typed."""

import json
import sys

import numpy as np
import pytest
from PIL import Image

from imagier.cli import main
from imagier.i18n import use_language


@pytest.fixture
def photos(tmp_path):
    """Two classes of stripes; one picture in both, and a copy across the parts."""
    rng = np.random.default_rng(0)
    for part, n in (("train", 16), ("test", 5)):
        for name, axis in (("lying", 0), ("standing", 1)):
            folder = tmp_path / "photos" / part / name
            folder.mkdir(parents=True)
            for number in range(n):
                wave = 90 * np.sin(np.arange(40) * rng.uniform(0.7, 1.4))
                levels = 128 + (wave[:, None] if axis == 0 else wave[None, :])
                levels = levels + rng.normal(0, 20, (40, 40))
                image = Image.fromarray(levels.clip(0, 255).astype(np.uint8))
                image.save(folder / f"{number}.png")
    train = tmp_path / "photos" / "train"
    content = (train / "lying" / "0.png").read_bytes()
    (train / "standing" / "same.png").write_bytes(content)
    (tmp_path / "photos" / "test" / "lying" / "copy.png").write_bytes(
        (train / "lying" / "5.png").read_bytes()
    )
    return tmp_path / "photos"


@pytest.fixture
def command(capsys, monkeypatch, photos):
    monkeypatch.chdir(photos.parent)

    def call(*words, language="en"):
        monkeypatch.setattr(sys, "argv", ["imagier", "check", *map(str, words)])
        with use_language(language), pytest.raises(SystemExit) as end:
            main()
        answer = capsys.readouterr()
        return int(end.value.code or 0), answer.out, answer.err

    return call


def test_it_says_what_it_found(command):
    code, out, _ = command("photos")
    assert code == 0
    assert out.startswith("photos: 44 pictures in 2 classes.")
    assert "One picture bears two names" in out
    assert "Leaks: 9.1%" in out
    assert "\x1b" not in out


def test_it_answers_in_french(command):
    code, out, _ = command("photos", language="fr")
    assert code == 0
    assert out.startswith("photos\u00a0: 44 images en 2 classes.")
    assert "Fuites\u00a0: 9,1\u202f%" in out


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("--max-leak", "0"), 3),
        (("--max-leak", "0.1"), 0),
        (("--max-errors", "0"), 3),
        (("--max-errors", "0.5"), 0),
    ],
)
def test_a_limit_that_is_exceeded_is_exit_3(command, words, wanted):
    code, out, _ = command("photos", *words)
    assert code == wanted
    assert ("allows" in out) is (wanted == 3)


def test_a_share_beyond_one_is_wrong_usage(command):
    assert command("photos", "--max-leak", "2")[0] == 2


def test_json_is_one_object_with_what_was_written(command):
    code, out, err = command("photos", "--json", "--quiet", "--html", "page.html")
    given = json.loads(out)
    assert (code, err) == (0, "")
    assert given["n"] == 44
    assert given["conflicts"] == [["train/lying/0.png", "train/standing/same.png"]]
    assert given["leak_rate"] == pytest.approx(1 / 11)
    assert (given["html"], given["clean"]) == ("page.html", None)


def test_the_page_replaces_an_older_page_and_nothing_else(command, photos):
    assert command("photos", "--html", "page.html")[0] == 0
    assert command("photos", "--html", "page.html")[0] == 0
    (photos.parent / "letter.html").write_text("dear", "utf-8")
    assert command("photos", "--html", "letter.html")[0] == 2
    assert (photos.parent / "letter.html").read_text("utf-8") == "dear"


def test_the_clean_list_is_a_source_without_what_was_found(command, photos):
    before = {path: path.read_bytes() for path in photos.rglob("*.png")}
    code, _, err = command("photos", "--write-clean", "clean.csv", "--ranked", "ranked.csv")
    assert code == 0
    assert "Written: clean.csv" in err
    code, out, _ = command("clean.csv", "--json", "--max-leak", "0")
    given = json.loads(out)
    assert code == 0
    assert given["duplicates"] == []
    assert given["leak_rate"] == 0
    assert {path: path.read_bytes() for path in photos.rglob("*.png")} == before
    assert (photos.parent / "ranked.csv").read_text("utf-8").startswith("path,label,score")


def test_tables_are_not_replaced_unasked(command):
    assert command("photos", "--ranked", "ranked.csv")[0] == 0
    assert command("photos", "--ranked", "ranked.csv")[0] == 2
    assert command("photos", "--ranked", "ranked.csv", "--force")[0] == 0


def test_groups_from_names(command):
    assert command("photos", "--group-from", r"^(\d+)")[0] == 0
    code, _, err = command("photos", "--group-from", "(")
    assert code == 2
    assert "no regular expression" in err


def test_a_named_set_has_no_clean_list(command):
    code, _, err = command("digits", "--write-clean", "clean.csv")
    assert code == 2
    assert "--write-clean" in err
