"""`imagier label` as a user types it: answers, exit codes, refusals."""

import csv
import json

import pytest

COMMAND = "label"


@pytest.fixture
def label(command):
    return command


@pytest.fixture
def here(thirds):
    return thirds


def test_a_row_for_each_picture(label, here):
    code, out, _ = label("photos", "--model", "thirds.imagier", "--out", "names.csv")
    assert code == 0
    assert "3 rows are in names.csv." in out
    with (here / "names.csv").open() as file:
        assert [row["label"] for row in csv.DictReader(file)] == ["left", "middle", "right"]
    code, out, _ = label("photos", "--model", "thirds.imagier", "--out", "names.csv")
    assert (code, "Nothing to do" in out) == (0, True)


def test_json_and_bad_pictures(label, here):
    (here / "photos/bad.png").write_bytes(b"no picture")
    words = ("photos", "--model", "thirds.imagier", "--out", "names.jsonl", "--json")
    code, out, _ = label(*words)
    found = json.loads(out)
    assert code == 0
    assert (found["n"], found["good"], found["bad"]) == (4, 3, 1)
    assert found["errors"] == {"not_an_image": 1}
    assert label(*words, "--strict")[0] == 3


def test_nothing_but_bad_pictures(label, here):
    (here / "bad.png").write_bytes(b"no picture")
    assert label("bad.png", "--model", "thirds.imagier", "--out", "names.csv")[0] == 3


def test_shards_and_their_merge(label, here):
    for number in (1, 2):
        words = ("photos", "--model", "thirds.imagier", "--out", "n.csv", "--shard", f"{number}/2")
        assert label(*words)[0] == 0
    code, out, _ = label("--merge", "2", "--out", "n.csv")
    assert code == 0
    assert "3 rows of 2 shards are in n.csv." in out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("photos", "--out", "n.csv"), "label_no_model"),
        (("photos", "--model", "thirds.imagier", "--out", "n.xlsx"), "table_ending"),
        (("photos", "--model", "thirds.imagier", "--out", "n.csv", "--shard", "0/2"), "bad_shard"),
        (("photos", "--model", "thirds.imagier", "--out", "n.csv", "--shard", "x"), "bad_shard"),
        (("photos", "--merge", "2", "--out", "n.csv"), "label_merge_alone"),
        (("--merge", "2", "--out", "n.csv"), "label_shards_missing"),
        (
            ("photos", "--model", "thirds.imagier", "--out", "n.csv", "--address", "auto"),
            "label_address_local",
        ),
        (("-", "--model", "thirds.imagier", "--out", "n.csv"), "label_pipe"),
        (("nowhere", "--model", "thirds.imagier", "--out", "n.csv"), "nothing_found"),
    ],
)
def test_what_is_refused_leaves_nothing(label, here, words, code):
    before = {path.name for path in here.iterdir()}
    exit_code, out, _ = label(*words, "--json")
    assert exit_code == 2
    assert json.loads(out)["error"]["code"] == code
    assert {path.name for path in here.iterdir()} == before


def test_in_french(label, here):
    words = ("photos", "--model", "thirds.imagier", "--out", "noms.csv")
    assert "3 lignes se trouvent dans noms.csv." in label(*words, language="fr")[1]
