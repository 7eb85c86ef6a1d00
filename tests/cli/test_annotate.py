import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

COMMAND = "annotate"


@pytest.fixture
def annotate(command):
    chance = np.random.default_rng(0)
    for name, colour in (("warm", (220, 140, 60)), ("cold", (60, 120, 210))):
        for number in range(12):
            place = Path("photos") / ("a" if number % 2 else "b")
            place.mkdir(parents=True, exist_ok=True)
            pixels = np.array(colour) + chance.integers(-40, 40, (16, 20, 3))
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(
                place / f"{name}{number}.png"
            )

    def call(*words, **settings):
        return command("photos", "--describe", "histogram", "--groups", "2", *words, **settings)

    return call


@pytest.fixture
def typed(annotate, monkeypatch):
    def call(text, *words, **settings):
        monkeypatch.setattr("sys.stdin", io.StringIO(text))
        return annotate(*words, **settings)

    return call


def decisions():
    lines = Path("photos.annotations.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_two_groups_are_named_and_nothing_moves(typed):
    before = sorted(Path("photos").rglob("*"))
    code, out, err = typed("warm\ncold\n\n")
    assert code == 0
    assert out.splitlines()[0] == "24 of 24 pictures have a name."
    assert err.count("12 pictures that look alike") == 2
    assert [one["name"] for one in decisions()] == ["warm", "cold"]
    assert sorted(Path("photos").rglob("*")) == before
    assert not Path("photos.annotations.sheet.png").exists()


def test_what_is_typed_is_understood_or_said(typed):
    text = "\nx 99\nwarm x 1,2\nu\n?\nhat\nhats\n=hats x 3\nq\n"
    code, out, err = typed(text)
    assert code == 0
    assert "No name is proposed" in err
    assert "These are no numbers of pictures shown" in err
    assert "Undone: 10 pictures were called “warm”" in err
    assert "accepts the proposal" in err
    assert "Did you mean “hat”?" in err
    assert [one["do"] for one in decisions()] == ["name", "undo", "name", "name"]
    assert "23 of 24 pictures have a name" in out


def test_it_goes_on_where_it_ended(typed):
    typed("warm\n")
    _, out, err = typed("u\ncold\ncold\n\n")
    assert "Undone: 12 pictures were called “warm”" in err
    assert out.splitlines()[1].split() == ["cold", "24"]


def test_undo_at_the_end(typed):
    code, out, _ = typed("warm\ncold\nu\nother\n\n")
    assert code == 0
    assert {line.split()[0] for line in out.splitlines()[1:3]} == {"warm", "other"}


def test_french(typed):
    code, out, err = typed("chaud\n?\nq\n", language="fr")
    assert code == 0
    assert "images qui se ressemblent" in err
    assert "12 images sur 24 ont un nom." in out


def test_a_table_out_and_in(annotate, facts):
    code, _, _ = annotate("--next", "3", "--csv", "todo.csv")
    assert code == 0
    rows = list(csv.DictReader(Path("todo.csv").read_text("utf-8").splitlines()))
    assert len(rows) == 12  # a group is never cut
    assert {row["name"] for row in rows} == {""}
    filled = [{**row, "name": Path(row["path"]).stem[:4]} for row in rows]
    filled[0]["name"] = ""
    filled.append({**filled[1], "path": "nowhere.png"})
    with Path("done.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(filled)
    found = facts("--apply", "done.csv")
    assert found["applied"]["named"] == 11
    assert found["applied"]["empty"] == 1
    assert found["applied"]["unknown"] == ["nowhere.png"]
    assert len(decisions()) == 1
    annotate("--next", "30", "--csv", "todo.csv", "--force")
    assert len(Path("todo.csv").read_text("utf-8").splitlines()) == 14


def test_a_table_on_the_standard_output(annotate):
    code, out, _ = annotate("--next", "1", "--csv", "-")
    assert code == 0
    assert out.splitlines()[0] == "path,group,proposed,probability,name"
    assert len(out.splitlines()) == 13


def test_proposals_of_a_table_can_be_accepted(typed, annotate, facts):
    typed("warm x 1\ncold x 1\nq\n")
    annotate("--next", "9", "--csv", "todo.csv")
    rows = list(csv.DictReader(Path("todo.csv").read_text("utf-8").splitlines()))
    assert len(rows) == 2
    assert {row["proposed"] for row in rows} == {"warm", "cold"}
    found = facts("--apply", "todo.csv", "--accept")
    assert (found["applied"]["named"], found["left"]) == (2, 0)


@pytest.mark.parametrize(("table", "options"), [("named.csv", ""), ("tables/named.csv", "photos")])
def test_the_export_can_be_learnt_from(typed, annotate, table, options):
    from imagier.datasets import TableOptions, open_source

    typed("warm\ncold x 1\nq\n")
    Path("tables").mkdir()
    _, out, _ = annotate("--export", table)
    wanted = f"imagier train {table}" + (f" --images {options}" if options else "")
    assert f"`{wanted}`" in out
    listing = open_source(table, table=TableOptions(images=options or None))
    assert listing.classes == ("cold", "warm")
    assert len(listing.names) == 23


def test_pictures_that_vanish_or_cannot_be_read(typed, facts):
    Path("photos/broken.png").write_bytes(b"no picture")
    _, _, err = typed("warm\ncold\n\n")
    assert "Left out: photos/broken.png" in err
    gone = decisions()[0]["paths"][0]
    (Path("photos") / gone).unlink()
    found = facts("--next", "1")
    assert (found["gone"], found["pictures"], found["left"]) == (1, 23, 0)
    assert found["skipped"][0]["code"] == "not_an_image"


def test_only_the_classes_that_were_given(typed):
    _, _, err = typed("wram\n1\nq\n", "--classes", "warm,cold")
    assert "“wram” is none of the names given with --classes" in err
    assert decisions()[0]["name"] == "warm"


def test_a_model_proposes(thirds, typed, annotate):
    _, _, err = typed("q\n", "--model", "thirds.imagier")
    assert "Enter for “" in err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--csv", "x.csv"), "annotate_csv_alone"),
        (("--accept",), "annotate_accept_alone"),
        (("--out", "photos/x.jsonl"), "annotate_inside"),
        (("--out", "x.csv"), "output_kind"),
        (("--export", "x.txt"), "output_kind"),
    ],
)
def test_what_is_refused(annotate, refusal_code, words, code):
    assert refusal_code(*words) == (2, code)


def test_tables_that_cannot_be_taken(annotate, refusal_code, command):
    Path("t.csv").write_text("file,nmae\na,b\n", "utf-8")
    assert refusal_code("--apply", "t.csv") == (2, "annotate_column_missing")
    assert not Path("photos.annotations.jsonl").exists()
    code, out, _ = command("nowhere", "--json")
    assert (code, json.loads(out)["error"]["code"]) == (2, "annotate_no_folder")
