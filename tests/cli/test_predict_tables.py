"""The tables of `imagier predict`: names as they are, for programs, pipes and spreadsheets."""

import csv
import io
import json
import os
import sys
import threading

import pytest
from PIL import Image

COMMAND = "predict"
SIGNS = ("+", "-", "=", "-1", "@x", "div")
EVIL = ("=1+1", "@SUM(A1)", "fine")


@pytest.fixture
def predict(command, thirds):
    return command


@pytest.fixture
def named(tiny, thirds):
    """Give the function that saves a model whose classes have these names."""

    def save(*names):
        card = tiny.tiny_card(classes=names)
        model = tiny.tiny_model(classes=len(names)).SerializeToString()
        tiny.tiny_recognizer(card=card, onnx=model, weights=b"").save("named.imagier")
        return "named.imagier"

    return save


def read(text, delimiter=","):
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


@pytest.mark.parametrize("options", [[], ["--excel"]])
def test_names_that_look_like_sums_are_those_of_the_json_lines(predict, named, thirds, options):
    model = named(*SIGNS)
    assert predict(model, "photos", "--csv", "t.csv", *options)[0] == 0
    assert predict(model, "photos", "--jsonl", "t.jsonl")[0] == 0
    rows = read((thirds / "t.csv").read_text("utf-8-sig"))
    lines = [json.loads(line) for line in (thirds / "t.jsonl").read_text("utf-8").splitlines()]
    assert [row["label"] for row in rows] == [line["label"] for line in lines]
    written = {row[f"label{place}"] for row in rows for place in ("", "_2", "_3", "_4", "_5")}
    assert written <= set(SIGNS)
    assert len(written) >= 5


def test_what_a_spreadsheet_could_compute_is_guarded_and_named(predict, named, thirds):
    code, _, err = predict(named(*EVIL), "photos", "--csv", "t.csv")
    assert code == 0
    rows = read((thirds / "t.csv").read_text("utf-8"))
    assert {row["label"] for row in rows} == {"'=1+1", "'@SUM(A1)", "fine"}
    assert "2 names could be taken for formulas" in err
    assert "apostrophe" in predict("--help")[1]


def test_the_standard_output(predict, thirds):
    code, out, err = predict("thirds.imagier", "photos", "--csv", "-")
    assert (code, err) == (0, "")
    assert [row["label"] for row in read(out)] == ["left", "middle", "right"]
    _, out, _ = predict("thirds.imagier", "photos", "--jsonl", "-")
    assert [json.loads(line)["label"] for line in out.splitlines()] == ["left", "middle", "right"]
    assert sorted(path.name for path in thirds.iterdir()) == ["photos", "thirds.imagier"]


@pytest.mark.parametrize("words", [["--csv", "-"], ["--jsonl", "-"]])
def test_two_answers_on_the_standard_output_are_refused(predict, words):
    code, out, _ = predict("thirds.imagier", "photos", *words, "--json")
    assert code == 2
    assert json.loads(out)["error"]["code"] == "stdout_twice"


@pytest.mark.parametrize(
    ("option", "name", "usual"),
    [
        ("--csv", "x.xlsx", "x.csv"),
        ("--csv", "x.ods", "x.csv"),
        ("--csv", "x", "x.csv"),
        ("--csv", "x.jsonl", "x.csv"),
        ("--jsonl", "x.csv", "x.jsonl"),
        ("--jsonl", "x.parquet", "x.jsonl"),
    ],
)
def test_an_ending_that_promises_another_file_is_refused(predict, thirds, option, name, usual):
    code, _, err = predict("thirds.imagier", "photos", option, name)
    assert code == 2
    assert f"{option} {usual}" in err
    assert not (thirds / name).exists()


@pytest.mark.parametrize(("language", "delimiter", "share"), [("fr", ";", "0,"), ("en", ",", "0.")])
def test_a_table_that_excel_opens(predict, thirds, language, delimiter, share):
    words = ("thirds.imagier", "photos", "--csv", "t.csv", "--excel")
    for _ in range(2):  # and it is replaced by the next one
        assert predict(*words, language=language)[0] == 0
    content = (thirds / "t.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = read(content.decode("utf-8-sig"), delimiter)
    assert [row["label"] for row in rows] == ["left", "middle", "right"]
    assert all(row["probability"].startswith(share) for row in rows)


def test_excel_without_a_table(predict):
    assert predict("thirds.imagier", "photos", "--excel")[0] == 2


def test_tabs_where_the_name_says_so(predict, thirds):
    predict("thirds.imagier", "photos", "--csv", "t.tsv")
    assert [row["label"] for row in read((thirds / "t.tsv").read_text("utf-8"), "\t")] == [
        "left", "middle", "right",
    ]  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="no such pipes there")
def test_a_pipe_is_written_as_the_answers_come(predict, thirds):
    os.mkfifo(thirds / "pipe")
    found = []
    reader = threading.Thread(target=lambda: found.append((thirds / "pipe").read_text("utf-8")))
    reader.start()
    assert predict("thirds.imagier", "photos", "--csv", "pipe")[0] == 0
    reader.join(10)
    assert [row["label"] for row in read(found[0])] == ["left", "middle", "right"]


@pytest.mark.skipif(sys.platform == "win32", reason="no such pipes there")
def test_a_pipe_that_nobody_reads_is_refused(predict, thirds, monkeypatch):
    os.mkfifo(thirds / "pipe")
    monkeypatch.setattr("imagier.recognizer.results._PATIENCE", 0.1)
    code, out, _ = predict("thirds.imagier", "photos", "--csv", "pipe", "--json")
    assert code == 2
    assert json.loads(out.splitlines()[-1])["error"]["code"] == "pipe_unread"


def test_the_least_sure_first(predict, thirds, tiny):
    Image.new("L", (9, 9), 90).save(thirds / "photos" / "z-grey.png")
    (thirds / "photos" / "bad.png").write_bytes(b"text")
    _, out, _ = predict("thirds.imagier", "photos", "--order", "least-sure", "--json")
    answers = [json.loads(line) for line in out.splitlines()]
    assert answers[0]["path"] == "photos/z-grey.png"
    assert answers[-1]["path"] == "photos/bad.png"
    sure = [answer["probability"] for answer in answers[:-1]]
    assert sure == sorted(sure)
    _, given, _ = predict("thirds.imagier", "photos", "--json")
    assert sorted(out.splitlines()) == sorted(given.splitlines())
    predict("thirds.imagier", "photos", "--order", "least-sure", "--csv", "t.csv")
    assert read((thirds / "t.csv").read_text("utf-8"))[0]["path"] == "photos/z-grey.png"


def test_every_picture_failed(predict, thirds):
    for name in ("a.png", "b.png"):
        (thirds / name).write_bytes(b"text")
    assert predict("thirds.imagier", "a.png")[0] == 3
    assert predict("thirds.imagier", "a.png", "b.png", "--csv", "t.csv")[0] == 3
    assert len(read((thirds / "t.csv").read_text("utf-8"))) == 2
    assert predict("thirds.imagier", "a.png", "photos/left.png")[0] == 0
