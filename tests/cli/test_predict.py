"""`imagier predict` as a user types it: answers, tables, notes and exit codes."""

import csv
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imagier.cli import main
from imagier.i18n import use_language

KEYS = ["path", "status", "label", "probability", "top", "abstained", "stranger", "error"]


def builders():
    place = Path(__file__).parents[1] / "recognizer" / "tiny_models.py"
    spec = importlib.util.spec_from_file_location("tiny_models", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


tiny = builders()


def write(path, third):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(tiny.bright(third)[:, :, 0]).save(path, "PNG")


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a model, three good pictures and nothing else; the current folder."""
    monkeypatch.chdir(tmp_path)
    tiny.tiny_recognizer().save("thirds.imagier")
    for third, name in enumerate(tiny.THIRDS):
        write(tmp_path / "photos" / f"{name}.png", third)
    return tmp_path


@pytest.fixture
def imagier(here, capsys, monkeypatch):
    """Type `imagier predict ...` and get exit code, stdout and stderr."""

    def call(*words, language="en"):
        monkeypatch.setattr(sys, "argv", ["imagier", "predict", *map(str, words)])
        with use_language(language), pytest.raises(SystemExit) as end:
            main()
        answer = capsys.readouterr()
        return int(end.value.code or 0), answer.out, answer.err

    return call


@pytest.fixture
def answers(imagier):
    """Type `imagier predict ... --json` and get the objects."""

    def call(*words, code=0):
        found, out, _ = imagier(*words, "--json")
        assert found == code
        return [json.loads(line) for line in out.splitlines()]

    return call


# What is printed


def test_one_line_a_picture_for_people(imagier):
    code, out, err = imagier("thirds.imagier", "photos")
    assert code == 0
    assert err == ""
    lines = out.splitlines()
    assert [line.split() for line in lines] == [
        ["left", lines[0].split()[1], "photos/left.png"],
        ["middle", lines[1].split()[1], "photos/middle.png"],
        ["right", lines[2].split()[1], "photos/right.png"],
    ]
    assert all(line.split()[1].endswith("%") for line in lines)
    assert len({line.index("photos/") for line in lines}) == 1


def test_in_french(imagier):
    code, out, err = imagier("thirds.imagier", "photos/left.png", "no.png", language="fr")
    assert code == 0
    assert "\u202f%" in out.splitlines()[0]
    assert "n’existe pas" in out.splitlines()[1]
    assert err == "1 image sur 2 n’a pas pu être lue.\n"


def test_more_choices_when_asked(imagier):
    _, out, _ = imagier("thirds.imagier", "photos/left.png", "--top", "2")
    assert out.count("%") == 2
    _, out, _ = imagier("thirds.imagier", "photos/left.png")
    assert out.count("%") == 1


def test_json_lines(answers):
    rows = answers("thirds.imagier", "photos")
    assert [list(row) for row in rows] == [KEYS] * 3
    assert [row["label"] for row in rows] == ["left", "middle", "right"]
    assert [row["path"] for row in rows] == [
        "photos/left.png", "photos/middle.png", "photos/right.png",
    ]  # fmt: skip
    assert all(row["abstained"] is False and row["error"] is None for row in rows)
    assert all(len(row["top"]) == 3 for row in rows)
    assert all(row["top"][0] == [row["label"], row["probability"]] for row in rows)


def test_json_of_a_single_picture_is_one_line(imagier):
    _, out, _ = imagier("thirds.imagier", "photos/left.png", "--json", "--top", "1")
    assert out.count("\n") == 1
    assert len(json.loads(out)["top"]) == 1


def test_a_bad_picture_has_its_row_and_a_note(imagier, answers, here):
    (here / "photos" / "a.jpg").write_text("not a picture", "utf-8")
    (here / "photos" / "b.png").write_bytes(b"")
    code, out, err = imagier("thirds.imagier", "photos")
    assert code == 0
    assert len(out.splitlines()) == 5
    assert "photos/a.jpg is not a picture" in out
    assert err == "2 of 5 pictures could not be read.\n"
    rows = answers("thirds.imagier", "photos")
    assert [row["status"] for row in rows] == ["error", "error", "ok", "ok", "ok"]
    assert [list(row) for row in rows] == [KEYS] * 5
    assert rows[0]["error"]["code"] == "not_an_image"
    assert rows[1]["error"]["code"] == "empty_file"
    assert rows[0]["label"] is None
    assert rows[0]["top"] == []


def test_strict_and_quiet(imagier, here):
    (here / "photos" / "bad.png").write_bytes(b"text")
    assert imagier("thirds.imagier", "photos", "--strict")[0] == 3
    assert imagier("thirds.imagier", "photos/left.png", "--strict")[0] == 0
    assert imagier("thirds.imagier", "photos", "--quiet")[2] == ""


def test_files_that_are_no_pictures_are_counted_once(imagier, here):
    (here / "photos" / "README.txt").write_text("x", "utf-8")
    (here / "photos" / "Thumbs.db").write_bytes(b"x")
    code, out, err = imagier("thirds.imagier", "photos", "--strict")
    assert code == 0
    assert len(out.splitlines()) == 3
    assert ".txt" in err
    assert "Thumbs.db" in err


# Words that name pictures


def test_patterns_in_quotes(answers, here):
    write(here / "photos" / "deep" / "er" / "left.png", 0)
    assert len(answers("thirds.imagier", "photos/*.png")) == 3
    assert len(answers("thirds.imagier", "photos/**/*.png")) == 4


def test_a_picture_named_twice(answers):
    rows = answers("thirds.imagier", "photos/left.png", "photos/left.png")
    assert rows[0] == rows[1]


def test_names_that_begin_with_a_dash(answers, here):
    write(here / "-left.png", 0)
    assert answers("thirds.imagier", "--json", "--", "-left.png", code=0)


@pytest.mark.parametrize("name", ["new\nline.png", "tab\t.png", "🐈 é.png", "\x1b[31mred.png"])
def test_odd_names_stay_on_one_line(imagier, answers, here, name):
    write(here / name, 1)
    assert answers("thirds.imagier", name)[0]["label"] == "middle"
    _, out, _ = imagier("thirds.imagier", name)
    assert out.count("\n") == 1
    assert "\x1b" not in out


@pytest.mark.skipif(sys.platform != "linux", reason="names are text elsewhere")
def test_names_that_are_no_text(here):
    name = b"caf\xe9.png"
    write(here / os.fsdecode(name), 2)
    done = subprocess.run(
        [sys.executable, "-m", "imagier", "predict", "thirds.imagier", name, "--json"],
        capture_output=True,
        check=True,
    )
    row = json.loads(done.stdout)
    assert (row["path"], row["label"]) == ("caf\\xe9.png", "right")


def test_class_names_cannot_play_with_the_terminal(imagier, here):
    card = tiny.tiny_card(classes=("\x1b[31mred\n", "été 🐈", "日本"))
    tiny.tiny_recognizer(card=card).save("odd.imagier")
    _, out, _ = imagier("odd.imagier", "photos")
    assert "\x1b" not in out
    assert out.count("\n") == 3
    assert "日本" in out


# Tables


def test_a_table(imagier, here):
    (here / "photos" / "bad.png").write_bytes(b"text")
    code, out, err = imagier("thirds.imagier", "photos", "--csv", "out.csv", "--top", "2")
    assert (code, out) == (0, "")
    assert err.splitlines() == ["4 answers are in out.csv.", "1 of 4 pictures could not be read."]
    with (here / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["label"] for row in rows] == ["", "left", "middle", "right"]
    assert rows[0]["error_code"] == "not_an_image"
    assert float(rows[1]["probability"]) > float(rows[1]["probability_2"])
    assert "label_3" not in rows[1]


def test_json_lines_in_a_file(imagier, answers, here):
    code, out, _ = imagier("thirds.imagier", "photos", "--jsonl", "out.jsonl")
    assert (code, out) == (0, "")
    lines = (here / "out.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == answers("thirds.imagier", "photos")


def test_a_table_and_json_together(imagier, here):
    _, out, _ = imagier("thirds.imagier", "photos", "--csv", "out.csv", "--json")
    assert len(out.splitlines()) == 3
    assert (here / "out.csv").exists()


def test_formulas_are_defused(imagier, here):
    card = tiny.tiny_card(classes=("=1+1", "@x", "+y"))
    tiny.tiny_recognizer(card=card).save("evil.imagier")
    write(here / "=cmd.png", 0)
    imagier("evil.imagier", "=cmd.png", "--csv", "out.csv")
    with (here / "out.csv").open(encoding="utf-8", newline="") as file:
        row = list(csv.reader(file))[1]
    assert row[0] == "'=cmd.png"
    assert row[2] == "'=1+1"


def test_a_table_written_into_the_folder_it_is_about(imagier, here):
    for _ in range(2):
        code, _, err = imagier("thirds.imagier", "photos", "--csv", "photos/out.csv", "--strict")
        assert code == 0
        assert "3 answers" in err


def test_a_picture_is_never_replaced_by_a_table(imagier, here):
    before = (here / "photos" / "left.png").read_bytes()
    code, _, err = imagier("thirds.imagier", "--csv", "photos/left.png", "photos/right.png")
    assert code == 2
    assert "--csv left.csv" in err
    assert (here / "photos" / "left.png").read_bytes() == before
    (here / "photos" / "left.png").rename(here / "left.csv")
    code, _, err = imagier("thirds.imagier", "--csv", "left.csv", "photos/right.png")
    assert code == 2
    assert "not replaced" in err
    assert (here / "left.csv").read_bytes() == before


def test_two_tables_are_too_many(imagier):
    code, _, err = imagier("thirds.imagier", "photos", "--csv", "a.csv", "--jsonl", "b.jsonl")
    assert code == 2
    assert "not both" in err


# What is refused


@pytest.mark.parametrize("words", [["no.png"], ["photos/*.jpg"], ["a", "b"]])
def test_nothing_there(imagier, words):
    code, out, err = imagier("thirds.imagier", *words)
    assert (code, out) == (2, "")
    assert all(word in err for word in words)


def test_a_data_set_is_no_picture(imagier, here):
    (here / "set.zip").write_bytes(b"PK\3\4")
    code, _, err = imagier("thirds.imagier", "set.zip")
    assert code == 2
    assert "imagier test MODEL set.zip" in err


def test_a_model_that_is_refused(imagier, here):
    (here / "thirds.imagier" / "model.onnx").write_bytes(b"x")
    code, out, err = imagier("thirds.imagier", "photos")
    assert (code, out) == (4, "")
    assert "damaged" in err
    code, out, _ = imagier("thirds.imagier", "photos", "--json")
    assert code == 4
    assert json.loads(out)["error"]["code"] == "model_damaged"


def test_a_misspelt_model(imagier):
    code, _, err = imagier("thrids.imagier", "photos")
    assert code == 4
    assert "Did you mean “thirds.imagier”?" in err


def test_a_model_that_fails_leaves_no_table(imagier, here):
    from onnx import helper

    parts = tiny.graph_parts()
    parts["nodes"][-1] = helper.make_node("Identity", ["sums"], ["probabilities"])
    tiny.tiny_recognizer(onnx=tiny.model_of(parts).SerializeToString()).save("bad.imagier")
    code, _, err = imagier("bad.imagier", "photos", "--csv", "out.csv")
    assert code == 4
    assert "probabilities" in err
    assert not (here / "out.csv").exists()
    assert sorted(entry.name for entry in here.iterdir()) == [
        "bad.imagier", "photos", "thirds.imagier",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "words", [[], ["thirds.imagier"], ["thirds.imagier", "photos", "--top", "0"]]
)
def test_wrong_usage(imagier, words):
    assert imagier(*words)[0] == 2


@pytest.mark.parametrize("language", ["en", "fr"])
def test_help(imagier, language):
    code, out, _ = imagier("--help", language=language)
    assert code == 0
    for option in ("--top", "--csv", "--jsonl", "--strict", "--json", "--quiet"):
        assert option in out


# The whole process


def test_the_user_s_files_are_untouched(imagier, here):
    def look():
        return {
            path: (path.stat().st_mtime_ns, path.read_bytes())
            for path in here.rglob("*")
            if path.is_file()
        }

    before = look()
    imagier("thirds.imagier", "photos", "thirds.imagier")
    assert look() == before


def test_a_process_answers_in_order_without_torch(here):
    rng = np.random.default_rng(0)
    for number in range(130):
        pixels = rng.integers(0, 256, (28, 28), np.uint8)
        Image.fromarray(pixels).save(here / "photos" / f"{number}.png")
    code = (
        "import sys; from imagier.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'torch', 'onnx', 'sklearn', 'matplotlib', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "predict", "thirds.imagier", "photos", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    *rows, loaded = done.stdout.splitlines()
    numbers = [json.loads(row)["path"].split("/")[1] for row in rows[:130]]
    assert numbers == [f"{number}.png" for number in range(130)]
    assert loaded == "[]"
    assert done.stderr == ""


# "I don't know"


@pytest.fixture
def judged(here):
    """The model with what thresholds gave on a thousand pictures: surer answers err less."""
    from dataclasses import replace

    from imagier.recognizer import load
    from imagier.recognizer.abstention import threshold_rows
    from imagier.recognizer.calibrated import calibrated

    recognizer = load("thirds.imagier")
    confidence = np.linspace(0, 1, 1000)
    right = np.random.default_rng(0).random(1000) < np.where(confidence > 0.5, 0.995, 0.5)
    rows = threshold_rows(confidence, right)
    empty, sets = np.empty((0, 3, 3, 1)), ((0.9, 0.2, 99),)
    made = calibrated(recognizer, temperature=1.0, rows=rows, golden=empty, sets=sets)
    replace(made, artifacts={}).save("judged.imagier")
    Image.new("L", (9, 9), 90).save(here / "photos" / "grey.png")  # as likely in each third
    return here


def test_an_answer_that_is_not_sure_enough_is_not_given(judged, imagier):
    code, out, err = imagier("judged.imagier", "photos", "--max-error", "0.05", "--json")
    answers = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [answer["path"] for answer in answers if answer["abstained"]] == ["photos/grey.png"]
    assert all(answer["label"] for answer in answers)
    assert "1 picture of 4 is left to a person, so that at most 5.0% of the answers" in err


def test_a_set_of_names_stands_behind_each_answer(judged, imagier):
    code, out, err = imagier("judged.imagier", "photos/grey.png", "--coverage", "0.9")
    assert code == 0
    assert out.count("{") == out.count("}") == 1
    assert len(out.split("{")[1].split(", ")) == 3
    assert "the true name of 90% of pictures" in err
    assert "83.4% to 95.0%" in err  # of the law Beta(90, 10) law
    code, _, _ = imagier("judged.imagier", "photos", "--coverage", "0.9", "--csv", "a.csv")
    titles, *rows = csv.reader(Path("a.csv").read_text(encoding="utf-8").splitlines())
    assert code == 0
    assert {len(row[titles.index("names")].split("; ")) for row in rows} == {1, 3}
    code, _, err = imagier("judged.imagier", "photos", "--coverage", "0.99")
    assert code == 2
    assert "they allow 90.0% at most" in err


def test_what_cannot_be_proven_is_not_promised(judged, imagier):
    code, out, err = imagier("judged.imagier", "photos", "--max-error", "0.0001", "--csv", "a.csv")
    assert (code, out) == (2, "")
    assert "1,000 pictures judged it" in err
    assert not Path("a.csv").exists()


def test_a_model_that_was_not_judged_says_so(imagier):
    code, _, err = imagier("thirds.imagier", "photos", "--max-error", "0.05")
    assert code == 2
    assert "was not judged" in err


@pytest.mark.parametrize("share", ["0", "1", "-0.1", "x"])
def test_a_share_that_is_none(imagier, share):
    assert imagier("thirds.imagier", "photos", "--max-error", share)[0] == 2


def test_people_read_that_it_does_not_know():
    from imagier.recognizer import Prediction

    answer = Prediction(path="a.png", label="cat", probability=0.4, abstained=True)
    with use_language("en"):
        assert answer.line(width=5) == "?        40.0%  a.png  I don’t know (perhaps cat)"
    with use_language("fr"):
        assert "je ne sais pas (peut-être cat)" in answer.line()
