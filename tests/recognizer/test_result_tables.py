"""Tables of answers: one row a picture, no formulas, whole or not there."""

import csv
import json
import stat
from dataclasses import replace

import pytest

from imagier.errors import MachineError, PictureError, UsageError
from imagier.i18n import use_language
from imagier.recognizer import Prediction
from imagier.recognizer.results import csv_file, jsonl_file, prediction_columns
from imagier.tables import original_cell

GOOD = Prediction(path="a.png", label="cat", probability=0.75, top=(("cat", 0.75), ("dog", 0.25)))
BAD = Prediction(path="b.png", status="error", error={"code": "missing", "message": "b.png, gone"})


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_a_table(tmp_path):
    with csv_file(tmp_path / "t.csv", prediction_columns(choices=2)) as write:
        write(GOOD)
        write(BAD)
    assert rows(tmp_path / "t.csv") == [
        ["path", "status", "label", "probability", "label_2", "probability_2", "abstained",
         "stranger", "error_code", "error_message"],
        ["a.png", "ok", "cat", "0.75", "dog", "0.25", "false", "", "", ""],
        ["b.png", "error", "", "", "", "", "false", "", "missing", "b.png, gone"],
    ]  # fmt: skip


def test_json_lines(tmp_path):
    with jsonl_file(tmp_path / "t.jsonl") as write:
        write(GOOD)
        write(BAD)
    lines = (tmp_path / "t.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [GOOD.to_json(), BAD.to_json()]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_formulas_are_defused_in_every_cell(tmp_path, start):
    formula = f"{start}HYPERLINK(0)"
    evil = Prediction(path=formula, label=formula, probability=1.0, top=((formula, 1.0),))
    with csv_file(tmp_path / "t.csv", prediction_columns(choices=1)) as write:
        write(evil)
    row = rows(tmp_path / "t.csv")[1]
    assert row[0] == row[2]
    assert row[0].startswith("'")
    assert original_cell(row[0]) == formula
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


def test_an_apostrophe_in_front_can_be_told_from_ours_and_numbers_stay_numbers(tmp_path):
    label = "'=1+2"
    with csv_file(tmp_path / "t.csv", prediction_columns(choices=1)) as write:
        write(Prediction(path="x", label=label, probability=1e-6, top=((label, 1e-6),)))
    assert rows(tmp_path / "t.csv")[1][2:4] == ["''=1+2", "1e-06"]


@pytest.mark.parametrize(
    ("answer", "options", "line"),
    [
        (GOOD, {}, "cat    75.0%  a.png"),
        (GOOD, {"width": 5}, "cat      75.0%  a.png"),
        (GOOD, {"choices": True}, "cat    75.0%  a.png  (dog 25.0%)"),
        (BAD, {"width": 3}, "—             b.png, gone"),
        (replace(GOOD, label="日本"), {"width": 5}, "日本     75.0%  a.png"),
        (replace(GOOD, label="e\u0301te\u0301"), {"width": 5}, "e\u0301te\u0301      75.0%  a.png"),
    ],
)
def test_an_answer_is_a_line_for_people(answer, options, line):
    with use_language("en"):
        assert answer.line(**options) == line


def test_cells_that_need_quotes_return(tmp_path):
    label = 'a, "b"\nc; é 🐈'
    with csv_file(tmp_path / "t.csv", prediction_columns(choices=1)) as write:
        write(Prediction(path="x", label=label, probability=1.0, top=((label, 1.0),)))
    assert original_cell(rows(tmp_path / "t.csv")[1][2]) == label


def test_a_path_is_written_as_it_is_shown(tmp_path):
    with csv_file(tmp_path / "t.csv", prediction_columns(choices=1)) as write:
        write(replace(GOOD, path=r"C:\new\caf\xe9.png"))
        write(Prediction.of_error(PictureError("truncated", path=r"caf\xe9\x1b.png", format="PNG")))
    assert [row[0] for row in rows(tmp_path / "t.csv")[1:]] == [
        r"C:\new\caf\xe9.png",
        r"caf\xe9\x1b.png",
    ]
    assert r"caf\xe9\x1b.png" in rows(tmp_path / "t.csv")[2][-1]


def test_nothing_is_there_until_the_table_is_whole(tmp_path):
    table = tmp_path / "t.csv"
    with csv_file(table, prediction_columns(choices=1)) as write:
        write(GOOD)
        assert not table.exists()
    assert table.exists()
    assert list(tmp_path.iterdir()) == [table]


def test_rows_stand_beside_its_place_as_soon_as_they_are_known(tmp_path):
    (tmp_path / "t.csv.part").write_bytes(b"precious")
    with csv_file(tmp_path / "t.csv", prediction_columns(choices=1)) as write:
        write(GOOD)
        [part] = set(tmp_path.iterdir()) - {tmp_path / "t.csv.part"}
        assert part.suffix == ".part"
        assert len(rows(part)) == 2
        write(BAD)
        assert len(rows(part)) == 3
    assert (tmp_path / "t.csv.part").read_bytes() == b"precious"
    assert len(list(tmp_path.iterdir())) == 2


def write_half(table, accident):
    with csv_file(table, prediction_columns(choices=1)) as write:
        write(GOOD)
        raise accident


@pytest.mark.parametrize("accident", [KeyboardInterrupt, ValueError])
def test_an_accident_keeps_the_old_table(tmp_path, accident):
    table = tmp_path / "t.csv"
    old = "path,status,label,probability\nold,ok,cat,1\n"
    table.write_text(old, "utf-8")
    with pytest.raises(accident):
        write_half(table, accident)
    assert table.read_text("utf-8") == old
    assert list(tmp_path.iterdir()) == [table]


@pytest.mark.parametrize(
    "opener", [jsonl_file, lambda path: csv_file(path, prediction_columns(choices=1))]
)
@pytest.mark.parametrize("name", ["photo.jpg", "model.onnx", "noending", "folder"])
def test_what_is_no_table_is_not_replaced(tmp_path, opener, name):
    place = tmp_path / name
    if name == "folder":
        place.mkdir()
    else:
        place.write_bytes(b"precious")
    with pytest.raises(UsageError) as refused, opener(place):
        pass
    assert refused.value.code == "not_a_table"
    assert place.is_dir() or place.read_bytes() == b"precious"


def test_a_place_that_cannot_be(tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    with (
        pytest.raises(MachineError) as refused,
        csv_file(tmp_path / "file" / "t.csv", prediction_columns(choices=1)),
    ):
        pass
    assert refused.value.code == "cannot_write"


def test_the_table_is_readable_as_other_files_are(tmp_path):
    other = tmp_path / "other"
    other.write_bytes(b"")
    with jsonl_file(tmp_path / "t.jsonl"):
        pass
    mode = stat.S_IMODE((tmp_path / "t.jsonl").stat().st_mode)
    assert mode == stat.S_IMODE(other.stat().st_mode)
