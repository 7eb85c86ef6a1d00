"""The suite `reading`: the same lines for all, counted right, and digits cut out fairly."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import benchmarks
from benchmarks import line_sets, reading
from benchmarks.digit_pipeline import digit_pictures
from benchmarks.line_sets import make_codes, read_labels, take_part
from benchmarks.reading import answered_share
from imagier.datasets.synthetic import STYLES, Glyphs, compose_line

PEERS = Path(benchmarks.__file__).with_name("peers")


@pytest.fixture
def printed(monkeypatch):
    """Printed digits in place of those of MNIST."""
    glyphs = Glyphs.of_fonts(["DejaVu Sans"], "0123456789")
    monkeypatch.setattr(line_sets, "_glyphs", lambda part: glyphs)
    return glyphs


def test_codes_are_a_function_of_their_seed(tmp_path, printed):
    once = make_codes(tmp_path / "a", 4, seed=3)
    fewer = make_codes(tmp_path / "b", 2, seed=3)
    other = make_codes(tmp_path / "c", 2, seed=4)
    texts = read_labels(once)
    assert list(texts) == ["00000.png", "00001.png", "00002.png", "00003.png"]
    assert all(len(text) == 5 for text in texts.values())
    assert list(read_labels(fewer).values()) == list(texts.values())[:2]
    assert read_labels(other) != read_labels(fewer)
    assert (once / "00001.png").read_bytes() == (fewer / "00001.png").read_bytes()
    with Image.open(once / "00000.png") as line:
        assert line.height == line_sets.CODE_HEIGHT
    written = (once / "00000.png").stat().st_mtime_ns
    make_codes(once, 4, seed=3)
    assert (once / "00000.png").stat().st_mtime_ns == written


def test_the_part_of_a_model_is_taken_with_its_texts(tmp_path):
    source, model = tmp_path / "source", tmp_path / "model"
    source.mkdir()
    model.mkdir()
    for name in ("ab1", "cd2", "ef3"):
        Image.new("L", (9, 5), len(name)).save(source / f"{name}.png")
    rows = "file,hash,group,part\nab1.png,x,1,test\ncd2.png,y,2,train\nef3.png,z,3,test\n"
    (model / "split.csv").write_text(rows)
    taken = take_part(source, model, tmp_path / "part")
    assert read_labels(taken) == {"00000.png": "ab1", "00001.png": "ef3"}
    (source / "labels.csv").write_text("path,text\nab1.png,12\nef3.png,34\n")
    taken = take_part(source, model, tmp_path / "part")
    assert list(read_labels(taken).values()) == ["12", "34"]


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 4)), min_size=1, max_size=12),
    st.sampled_from([0.0, 0.1, 0.25, 0.5]),
)
def test_no_other_threshold_answers_more(answers, most):
    is_right = np.array([right for right, _ in answers])
    probability = np.array([chance / 4 for _, chance in answers])
    best = 0.0
    for threshold in probability:
        answered = probability >= threshold
        if (answered & ~is_right).sum() <= most * answered.sum():
            best = max(best, float(answered.mean()))
    assert answered_share(is_right, probability, most) == pytest.approx(best)


def test_a_clean_line_is_cut_into_its_digits(printed):
    style = STYLES["print"]
    for seed in range(5):
        line = compose_line("40728", printed, style, np.random.default_rng(seed), height=48)
        digits = digit_pictures(line)
        assert digits.shape == (5, 28, 28)
        for digit in digits:
            assert digit.max() > 150
            rows, columns = np.nonzero(digit)
            assert max(np.ptp(rows), np.ptp(columns)) + 1 in range(18, 23)
            weights = digit[rows, columns].astype(float)
            middle = (rows @ weights / weights.sum(), columns @ weights / weights.sum())
            assert np.abs(np.array(middle) - 13.5).max() < 1.5


@pytest.mark.parametrize("count", [1, 3, 7])
def test_pieces_are_cut_and_put_together(printed, count):
    line = compose_line("40728", printed, STYLES["print"], np.random.default_rng(0), height=48)
    assert len(digit_pictures(line, count)) == count


def test_an_empty_line_has_no_digit():
    assert digit_pictures(np.full((48, 200), 230, np.uint8)).shape == (0, 28, 28)


def load(name):
    spec = importlib.util.spec_from_file_location(name, PEERS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_peer_reads_all_pictures_of_a_table(tmp_path, printed, capsys):
    folder = make_codes(tmp_path / "codes", 3, seed=0)
    seen = []

    def read(content):
        seen.append(content)
        return str(len(seen))

    load("lines").read_all(folder, read)
    answer = json.loads(capsys.readouterr().out)
    assert list(answer["texts"].values()) == ["2", "3", "4"]  # the first was read to warm up
    assert seen[1] == seen[0] == (folder / "00000.png").read_bytes()
    assert answer["milliseconds"] >= 0


def test_readers_are_counted_on_the_same_files(tmp_path, printed, monkeypatch):
    script = tmp_path / "copyist.py"
    script.write_text(
        "import csv, json, sys; from pathlib import Path\n"
        "rows = list(csv.DictReader(open(Path(sys.argv[1]) / 'labels.csv')))\n"
        "texts = {row['path']: row['text'] for row in rows}\n"
        "texts['00001.png'] = '?'\n"
        "print('a word before')\nprint(json.dumps({'texts': texts, 'milliseconds': 2.0}))\n"
    )
    monkeypatch.setattr(reading, "SCRIPTS", tmp_path)
    monkeypatch.setitem(reading.PEERS, "copyist", None)
    figures = reading.lines_by_peer(("copyist", "codes", "4"), 0, tmp_path)
    assert (figures["right"], figures["n"], figures["accuracy"]) == (3, 4, 0.75)
    assert figures["interval"][0] < 0.75 < figures["interval"][1]
    assert figures["milliseconds"] == 2.0


def test_the_scripts_say_what_they_can_be_asked():
    for name in ("tesseract_lines", "rapidocr_lines", "ddddocr_lines"):
        done = subprocess.run(
            [sys.executable, PEERS / f"{name}.py", "--help"],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert "--characters" in done.stdout
