"""`imagier read` as a user types it: texts, rules, tables, figures, pages and what is refused."""

import csv
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imagier.recognizer.abstention import threshold_rows

COMMAND = "read"
KEYS = [
    *("path", "status", "text", "probability", "rejected", "reason", "upside_down"),
    *("value", "currency", "characters", "alternatives", "line", "box", "error"),
]


@pytest.fixture
def here(command, tiny, tmp_path):
    """The current folder, with a reader of bars, one that was judged, and lines."""
    tiny.tiny_reader().save("bars.imagier")
    sure = np.linspace(0, 1, 1000)
    tiny.tiny_reader(thresholds=threshold_rows(sure, sure > 0.6)).save("judged.imagier")
    (tmp_path / "lines").mkdir()
    for text in ("1234", "4321", "22"):
        write(tmp_path / "lines" / f"{text}.png", tiny.bars(text))
    return tmp_path


@pytest.fixture
def pages(tiny, here):
    """The same, with a reader of pages and two pages."""
    tiny.tiny_reader(whole=True, width=128).save("pages.imagier")
    write(here / "first.png", tiny.bar_page("1234", "4321", "222"))
    write(here / "second.png", tiny.bar_page("44"))
    return here


@pytest.fixture
def read(command, here):
    return command


@pytest.fixture
def answers(read):
    """Type `imagier read ... --json` and get the objects."""

    def call(*words, code=0):
        found, out, _ = read(*words, "--json")
        assert found == code
        return [json.loads(line) for line in out.splitlines()]

    return call


def write(path, pixels):
    Image.fromarray(pixels).save(path)


# What is printed


def test_one_line_a_picture_for_people(read):
    code, out, err = read("bars.imagier", "lines")
    assert (code, err) == (0, "")
    lines = [line.split() for line in out.splitlines()]
    assert [line[0] for line in lines] == ["22", "1234", "4321"]
    assert [line[2] for line in lines] == ["lines/22.png", "lines/1234.png", "lines/4321.png"]
    assert all(line[1].endswith("%") for line in lines)
    assert len({line.index("lines/") for line in out.splitlines()}) == 1


def test_json_lines(answers):
    rows = answers("bars.imagier", "lines")
    assert [list(row) for row in rows] == [KEYS] * 3
    assert [row["text"] for row in rows] == ["22", "1234", "4321"]
    first = rows[0]["characters"][0]
    assert first == {"character": "2", "probability": first["probability"], "box": [4, 0, 8, 16]}
    assert rows[0]["alternatives"] == []
    assert rows[0]["line"] is None


def test_a_rejected_line_says_why_in_both_languages(read):
    _, out, _ = read("bars.imagier", "lines/22.png", "--format", r"\d{4}")
    assert out.startswith("?")
    assert out.endswith("It does not have the format \\d{4}. It seems to say 22.\n")
    _, out, _ = read("bars.imagier", "lines/22.png", "--format", r"\d{4}", language="fr")
    assert out.endswith("Elle n’a pas le format \\d{4}. On croit y lire 22.\n")


def test_a_picture_without_characters_and_one_upside_down(read, answers, tiny, here):
    write(here / "empty.png", np.full((32, 50), 255, np.uint8))
    write(here / "turned.png", tiny.bars("4321", flipped=True))
    rows = answers("bars.imagier", "empty.png", "turned.png")
    assert [row["reason"] for row in rows] == ["empty", "upside_down"]
    assert [row["upside_down"] for row in rows] == [False, True]
    _, out, _ = read("bars.imagier", "empty.png", "turned.png")
    empty, turned = out.splitlines()
    assert "No character is seen." in empty
    assert "upside down, as 4321" in turned
    _, out, _ = read("bars.imagier", "empty.png", "turned.png", language="fr")
    empty, turned = out.splitlines()
    assert "aucun caractère" in empty
    assert "tête en bas, comme 4321" in turned


def test_other_texts_when_asked(read, answers, tiny, here):
    write(here / "half.png", tiny.bars("4.1"))
    _, out, _ = read("bars.imagier", "half.png", "--top", "2")
    assert out.count("%") == 2
    row = answers("bars.imagier", "half.png", "--top", "2")[0]
    assert {row["text"], row["alternatives"][0][0]} == {"411", "421"}
    assert "alternatives" in answers("bars.imagier", "half.png")[0]


def test_i_do_not_know(read, answers, tiny, here):
    write(here / "half.png", tiny.bars("4.1"))
    words = ("judged.imagier", "lines", "half.png", "--max-error", "0.05")
    code, out, err = read(*words)
    assert code == 0
    assert "I don’t know (perhaps 4" in out.splitlines()[3]
    assert "1 line of 4 is left to a person, so that at most 5.0% of the answers are wrong." in err
    row = answers(*words)[3]
    assert (row["rejected"], row["reason"]) == (True, "unsure")
    _, out, err = read(*words, language="fr")
    assert "je ne sais pas" in out.lower()
    assert "1 ligne sur 4" in err


# Rules


def test_codes_of_a_file(answers, here):
    (here / "codes.csv").write_text("code;town\n1234;Here\n22;There\n22;Again\n", "utf-8")
    rows = answers("bars.imagier", "lines", "--codes", "codes.csv")
    assert [row["reason"] for row in rows] == [None, None, "codes"]


def test_notes_on_codes(read, here):
    (here / "codes.txt").write_text("1234\n22\n22\n", "utf-8")
    assert "more than once" in read("bars.imagier", "lines", "--codes", "codes.txt")[2]
    assert read("bars.imagier", "lines", "--codes", "codes.txt", "--quiet")[2] == ""


def test_a_million_codes_are_fast(answers, here):
    numbers = np.random.default_rng(0).permutation(4**10)[:1_000_000]
    digits = np.stack([numbers // 4**k % 4 + 49 for k in range(10)], axis=1).astype(np.uint8)
    lines = np.concatenate([digits, np.full((len(digits), 1), 10, np.uint8)], axis=1)
    (here / "codes.txt").write_bytes(lines.tobytes() + b"1234\n")
    began = time.process_time()
    rows = answers("bars.imagier", "lines", "--codes", "codes.txt")
    assert [row["text"] for row in rows if not row["rejected"]] == ["1234"]
    assert time.process_time() - began < 8


def test_check_and_amount(answers):
    assert answers("bars.imagier", "lines/4321.png", "--check", "luhn")[0]["reason"] == "check"
    row = answers("bars.imagier", "lines/4321.png", "--amount")[0]
    assert (row["value"], row["currency"]) == ("4321", None)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--format", r"[5-9]{3}"), "1, 2, 3, 4"),
        (("--format", r"(\d"), "cannot be read"),
        (("--format", "fr-postcod"), "fr-postcode"),
        (("--check", "lun"), "luhn"),
        (("--format", r"\d{3}", "--codes", "four.txt"), "--format"),
    ],
)
def test_a_rule_that_allows_nothing_is_refused(read, here, words, said):
    (here / "four.txt").write_text("1234\n", "utf-8")
    code, out, err = read("bars.imagier", "lines", *words)
    assert (code, out) == (2, "")
    assert said in err


@pytest.mark.parametrize("content", [None, "", "\n\n", "7\n8\n"])
def test_codes_that_cannot_be_used(read, here, content):
    if content is not None:
        (here / "codes.txt").write_text(content, "utf-8")
    code, out, err = read("bars.imagier", "lines", "--codes", "codes.txt")
    assert (code, out) == (4, "")
    assert "codes.txt" in err


# Tables


def test_a_table(read, here):
    (here / "lines" / "bad.png").write_bytes(b"text")
    words = ("bars.imagier", "lines", "--csv", "out.csv", "--top", "2", "--format", r"\d{4}")
    code, out, err = read(*words)
    assert (code, out) == (0, "")
    assert err.splitlines() == ["4 answers are in out.csv.", "1 of 4 pictures could not be read."]
    with (here / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["text"] for row in rows] == ["22", "1234", "4321", ""]
    assert [row["reason"] for row in rows] == ["format", "", "", ""]
    assert rows[3]["error_code"] == "not_an_image"
    assert "text_2" in rows[0]
    code, _, err = read(*words)
    assert code == 0
    assert "4 answers" in err


def test_a_table_replaces_one_of_answers_and_nothing_else(read, here, tiny):
    tiny.tiny_recognizer().save("thirds.imagier")
    names = "path,status,label,probability,abstained,stranger,error_code,error_message\n"
    (here / "names.csv").write_text(names, "utf-8")
    (here / "names.jsonl").write_text('{"path":"a","status":"ok","text":"1","probability":1}\n')
    (here / "mine.csv").write_text("path,town\n", "utf-8")
    assert read("bars.imagier", "lines", "--csv", "names.csv")[0] == 0
    assert (here / "names.csv").read_text("utf-8").startswith("path,status,text,probability,")
    assert read("bars.imagier", "lines", "--jsonl", "names.jsonl")[0] == 0
    code, _, err = read("bars.imagier", "lines", "--csv", "mine.csv")
    assert code == 2
    assert "not replaced" in err


def test_json_lines_in_a_file(read, answers, here):
    code, out, _ = read("bars.imagier", "lines", "--jsonl", "out.jsonl")
    assert (code, out) == (0, "")
    lines = (here / "out.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == answers("bars.imagier", "lines")


def test_zeros_in_front_are_worth_a_word_to_spreadsheets(read, here, tiny):
    card = tiny.tiny_reader().card
    from dataclasses import replace

    named = replace(card, classes=("∅", "0", "-", "3", "4"))
    tiny.tiny_reader(card=named).save("zeros.imagier")
    _, _, err = read("zeros.imagier", "lines/1234.png", "--csv", "out.csv", "--excel")
    assert "zeros" not in err  # 0-34 is no number
    write(here / "z.png", tiny.bars("1314"))
    _, _, err = read("zeros.imagier", "z.png", "--csv", "out.csv", "--excel")
    assert "such as 0304" in err
    write(here / "f.png", tiny.bars("2344"))
    _, _, err = read("zeros.imagier", "f.png", "--csv", "out.csv")
    assert (here / "out.csv").read_text("utf-8").splitlines()[1].split(",")[2] in {"-344", "'-344"}


def test_paths_from_a_list(answers, here):
    (here / "list.txt").write_text("lines/22.png\nlines/1234.png\n", "utf-8")
    rows = answers("bars.imagier", "--paths-from", "list.txt")
    assert [row["text"] for row in rows] == ["22", "1234"]


# Pages


def test_the_lines_of_pages(read, answers, pages):
    rows = answers("pages.imagier", "first.png", "second.png", "--lines")
    assert [row["text"] for row in rows] == ["1234", "4321", "222", "44"]
    assert [row["line"] for row in rows] == [1, 2, 3, 1]
    assert rows[0]["box"] == [56, 46, 92, 78]
    _, out, _ = read("pages.imagier", "first.png", "--lines")
    assert out.splitlines()[1].endswith("first.png, line 2")
    _, out, _ = read("pages.imagier", "first.png", "--lines", language="fr")
    assert out.splitlines()[1].endswith("first.png, ligne 2")


def test_pages_in_a_table(read, pages):
    code, _, err = read("pages.imagier", "first.png", "lines", "--lines", "--csv", "out.csv")
    with (pages / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert code == 0
    assert [row["line"] for row in rows[:3]] == ["1", "2", "3"]
    assert [rows[0][side] for side in ("left", "top", "right", "bottom")] == [
        "56",
        "46",
        "92",
        "78",
    ]
    assert f"{len(rows)} answers" in err


def test_a_page_without_lines(read, answers, pages):
    write(pages / "blank.png", np.full((300, 200), 255, np.uint8))
    row = answers("pages.imagier", "blank.png", "--lines", code=3)[0]
    assert row["error"]["code"] == "no_lines"
    code, out, err = read("pages.imagier", "first.png", "blank.png", "--lines")
    assert code == 0
    assert "blank.png shows no line" in out
    assert err == "1 of 2 pictures could not be read.\n"
    assert read("pages.imagier", "first.png", "blank.png", "--lines", "--strict")[0] == 3


def test_a_line_that_does_not_fit_is_no_picture_that_could_not_be_read(read, pages, tiny):
    write(pages / "long.png", tiny.bar_page("1234", "1" * 25))
    code, out, err = read("pages.imagier", "long.png", "--lines", "--plot", "figures")
    assert (code, len(out.splitlines())) == (0, 2)
    assert "could not be read" not in err
    assert [path.name for path in (pages / "figures").iterdir()] == ["long-1.png"]
    assert read("pages.imagier", "long.png", "--lines", "--strict")[0] == 3


# Figures


def test_a_figure(read, here):
    code, _, err = read("bars.imagier", "lines/1234.png", "--plot", "a.png")
    assert code == 0
    assert err == "Written: a.png\n"
    with Image.open(here / "a.png") as drawn:
        assert drawn.size[0] > 600
    code, _, err = read("bars.imagier", "lines/1234.png", "--plot", "a.png")
    assert code == 2
    assert read("bars.imagier", "lines/1234.png", "--plot", "a.png", "--force")[0] == 0
    assert read("bars.imagier", "lines/1234.png", "--plot", "a.svg", "--quiet")[2] == ""
    assert "<svg" in (here / "a.svg").read_text("utf-8")


def test_figures_of_several_pictures_go_into_a_folder(read, here):
    (here / "lines" / "bad.png").write_bytes(b"text")
    code, _, err = read("bars.imagier", "lines", "--plot", "a.png")
    assert code == 2
    assert "--plot" in err
    code, _, _ = read("bars.imagier", "lines", "--plot", "figures")
    assert code == 0
    assert sorted(path.name for path in (here / "figures").iterdir()) == [
        "1234.png", "22.png", "4321.png",
    ]  # fmt: skip


def test_figures_of_the_lines_of_a_page_are_numbered(read, pages):
    assert read("pages.imagier", "first.png", "--lines", "--plot", "p.png")[0] == 0
    assert sorted(path.name for path in pages.glob("p*.png")) == ["p-1.png", "p-2.png", "p-3.png"]
    code, out, _ = read("pages.imagier", "first.png", "--lines", "--plot", "p.png")
    assert (code, out) == (2, "")


@pytest.mark.parametrize("name", ["a.jpg", "lines/1234.png"])
def test_a_figure_that_cannot_be_written(read, here, name):
    before = (here / "lines" / "1234.png").read_bytes()
    assert read("bars.imagier", "lines/1234.png", "--plot", name, "--force")[0] == 2
    assert (here / "lines" / "1234.png").read_bytes() == before


# What is refused, and what goes on


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    ("pixels", "code"),
    [
        (np.full((32, 400), 255, np.uint8), "line_too_long"),
        (np.full((640, 20), 255, np.uint8), "line_too_narrow"),
    ],
    ids=["long", "narrow"],
)
def test_a_line_that_does_not_fit(read, answers, here, pixels, code, language):
    write(here / "odd.png", pixels)
    rows = answers("bars.imagier", "odd.png", "lines/22.png")
    assert rows[0]["error"]["code"] == code
    assert rows[1]["text"] == "22"
    found, out, _ = read("bars.imagier", "odd.png", language=language)
    assert found == 3
    assert "odd.png" in out


def test_a_model_that_names_pictures(read, here, tiny):
    tiny.tiny_recognizer().save("thirds.imagier")
    code, out, err = read("thirds.imagier", "lines")
    assert (code, out) == (4, "")
    assert "imagier predict thirds.imagier" in err


@pytest.mark.parametrize(
    "words",
    [
        ("predict", "bars.imagier", "lines"),
        ("explain", "bars.imagier", "lines/22.png"),
        ("compare", "bars.imagier", "judged.imagier", "lines"),
    ],
    ids=lambda words: words[0],
)
def test_a_reader_names_no_pictures(here, words):
    done = subprocess.run(
        [sys.executable, "-m", "imagier", *words],
        capture_output=True,
        text=True,
        check=False,
        env={"IMAGIER_LANG": "en", "PYTHONPATH": ":".join(sys.path), "HOME": str(here)},
    )
    assert done.returncode == 2, done.stderr
    assert "imagier read bars.imagier" in done.stderr


@pytest.mark.parametrize(
    "words",
    [(), ("bars.imagier",), ("bars.imagier", "no.png"), ("bars.imagier", "lines", "--top", "0")],
)
def test_wrong_usage(read, words):
    assert read(*words)[0] == 2


def test_two_tables_are_too_many(read):
    assert read("bars.imagier", "lines", "--csv", "a.csv", "--jsonl", "b.jsonl")[0] == 2


@pytest.mark.parametrize("language", ["en", "fr"])
def test_help(read, language):
    code, out, _ = read("--help", language=language)
    assert code == 0
    for option in ("--lines", "--format", "--codes", "--check", "--amount", "--plot", "--csv"):
        assert option in out


def test_a_process_reads_without_torch(here):
    code = (
        "import sys; from imagier.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'torch', 'onnx', 'sklearn', 'matplotlib', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "read", "bars.imagier", "lines", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    *rows, loaded = done.stdout.splitlines()
    assert [json.loads(row)["text"] for row in rows] == ["22", "1234", "4321"]
    assert loaded == "[]"
    assert done.stderr == ""


def test_the_user_s_files_are_untouched(read, here):
    def look():
        return {path: path.read_bytes() for path in Path(here).rglob("*") if path.is_file()}

    before = look()
    read("bars.imagier", "lines")
    assert look() == before
