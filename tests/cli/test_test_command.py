"""`imagier test` as it is typed."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from imagier.cli import main
from imagier.i18n import LANGUAGES, use_language

TESTING = Path(__file__).parents[1] / "testing"


@pytest.fixture(scope="module")
def thirds():
    spec = importlib.util.spec_from_file_location("thirds", TESTING / "thirds.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def model(thirds, tmp_path):
    folder = tmp_path / "thirds.imagier"
    thirds.load_builders().tiny_recognizer().save(folder)
    return folder


@pytest.fixture
def photos(thirds, tmp_path):
    return thirds.write_pictures(tmp_path / "photos", 40, wrong=3)


@pytest.fixture
def command(capsys, monkeypatch):
    def call(*words, language="en"):
        monkeypatch.setattr(sys, "argv", ["imagier", "test", *map(str, words)])
        with use_language(language), pytest.raises(SystemExit) as end:
            main()
        answer = capsys.readouterr()
        return int(end.value.code or 0), answer.out, answer.err

    return call


def test_the_answer_starts_with_the_figure(command, model, photos):
    code, out, err = command(model, photos)
    assert code == 0
    assert out.startswith("97.5% of 120 pictures named right; between 92.9% and 99.1%")
    assert "left → middle   3 times of 40" in out
    assert "\x1b" not in out + err


def test_it_answers_in_french(command, model, photos):
    code, out, _ = command(model, photos, language="fr")
    assert code == 0
    assert out.startswith("97,5\u202f% des 120 images sont bien nommées")


def test_json_is_one_object_on_stdout(command, model, photos):
    code, out, err = command(model, photos, "--json")
    answer = json.loads(out)
    assert (code, out.count("\n"), err) == (0, 1, "")
    assert answer["n"] == 120
    assert answer["accuracy"] == 117 / 120
    assert answer["classes"]["left"]["recall"] == 37 / 40
    assert answer["confusion"]["counts"][0] == [37, 3, 0]
    assert answer["evaluations"] == 1


@pytest.mark.parametrize(
    ("accept", "code", "verdict"),
    [
        ("0.9", 0, "acceptable"),
        ("0.97", 3, "not_proven"),
        ("0.999", 3, "not_acceptable"),
    ],
)
def test_accept_decides_the_exit_code(command, model, photos, accept, code, verdict):
    found, out, _ = command(model, photos, "--accept", accept, "--json")
    assert (found, json.loads(out)["verdict"]) == (code, verdict)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_written_where_it_is_wanted(command, model, photos, tmp_path, language):
    page = tmp_path / "out" / "page.html"
    code, _, err = command(model, photos, "--html", page, language=language)
    assert code == 0
    assert str(page) in err
    assert f'<html lang="{language}">' in page.read_text("utf-8")
    assert command(model, photos, "--html", page, "--quiet", language=language)[2] == ""


def test_a_file_of_the_users_is_not_overwritten(command, model, photos, tmp_path):
    mine = tmp_path / "mine.html"
    mine.write_text("mine")
    code, out, err = command(model, photos, "--html", mine)
    assert (code, out) == (2, "")
    assert "mine.html is already there" in err
    assert mine.read_text() == "mine"


def test_strict_leaves_with_3_when_a_picture_was_left_out(command, model, photos):
    (photos / "left" / "bad.png").write_bytes(b"no picture")
    assert command(model, photos)[0] == 0
    code, out, _ = command(model, photos, "--strict")
    assert code == 3
    assert "1 file could not be used" in out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--accept", "97"], 2, "--accept 0.97"),
        (["--accept", "good"], 2, "--accept"),
        (["--part", "middle"], 2, "--part"),
        (["--part", "test"], 4, "--part all"),
        (["--group", "writer"], 2, "group"),
    ],
)
def test_wrong_words_are_answered_with_what_to_type(command, model, photos, words, code, said):
    found, out, err = command(model, photos, *words)
    assert (found, out) == (code, "")
    assert said in err
    assert "Traceback" not in err


def test_an_error_is_json_too(command, model, photos):
    (photos / "left").rename(photos / "lefft")
    code, out, err = command(model, photos, "--json")
    error = json.loads(out)["error"]
    assert (code, error["code"]) == (4, "unknown_labels")
    assert "“left”" in error["message"]
    assert error["next"] in err


def test_what_is_accepted_says_how_many_pictures_would_decide(command, model, photos):
    _, out, _ = command(model, photos, "--accept", "0.95")
    assert "Not proven: 95.0% was asked for" in out
    assert "further test pictures, named right as often, would prove it." in out
    answer = json.loads(command(model, photos, "--accept", "0.95", "--json")[1])
    assert answer["further_pictures"] > 100


def test_learnt_pictures_are_refused_unless_allowed(command, model, photos):
    from imagier.recognizer import load

    recognizer = load(model)
    from imagier.datasets import load as load_pictures
    from imagier.datasets import open_source

    dataset = load_pictures(open_source(photos), recognizer.prepare)
    split = f"file,hash,group,part\na.png,{dataset.hashes[0]},0,train\n"
    recognizer.with_artifacts({"split.csv": split.encode()}).save(model, force=True)
    code, out, err = command(model, photos)
    assert (code, out) == (4, "")
    assert "1 picture of 120 in photos is among those that the model learnt from: " in err
    assert "--allow-overlap" in err
    code, out, _ = command(model, photos, "--allow-overlap", "--accept", "0.5")
    assert code == 3, "nothing is proven by what was learnt"
    assert out.startswith("NOT A TEST: 1 of these 120 pictures was learnt from")
    answer = json.loads(command(model, photos, "--allow-overlap", "--json")[1])
    assert (answer["overlap"], answer["verdict"]) == (1, None)
    assert answer["warning"].startswith("NOT A TEST")


def test_neither_torch_nor_scikit_learn_is_needed(model, photos):
    program = (
        "import sys; from imagier.cli import main; sys.argv[1:] = sys.argv[2:]\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        "assert not {'torch', 'sklearn', 'onnx', 'matplotlib'} & set(sys.modules)"
    )
    words = ["-c", program, "-", "test", str(model), str(photos), "--quiet"]
    done = subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
