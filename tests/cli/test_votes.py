import csv
import json
from pathlib import Path

import pytest

COMMAND = "votes"
VOTES = "item,annotator,label\n" + "".join(
    f"{item}.jpg,{who},{label}\n"
    for item in range(12)
    for who, label in (
        ("ann", "cat" if item % 2 else "dog"),
        ("bob", "cat" if item % 2 or item == 4 else "dog"),
        ("eve", "cat"),
    )
)


@pytest.fixture
def votes(command):
    Path("votes.csv").write_text(VOTES, "utf-8")
    Path("truth.csv").write_text(
        "item,label\n" + "".join(f"{i}.jpg,{'cat' if i % 2 else 'dog'}\n" for i in range(12)),
        "utf-8",
    )
    Path("controls.csv").write_text(
        "item,label\n0.jpg,dog\n2.jpg,dog\n6.jpg,dog\n1.jpg,cat\n", "utf-8"
    )
    return command


def test_lines_say_what_is_settled_and_who_errs(votes):
    code, out, err = votes("votes.csv")
    assert code == 0
    assert out.startswith("votes.csv: 12 items, 3 annotators, 36 votes, 2 labels\n")
    assert "labels are settled: their probability is 95% or more" in out
    assert "Agreement beyond chance" in out
    assert "“dog” called “cat”" in out
    assert "errors that annotators share are not seen" in out
    assert err == ""


def test_french(votes):
    code, out, _ = votes("votes.csv", "--truth", "truth.csv", language="fr")
    assert code == 0
    assert "Comparé à la vérité, sur 12 éléments" in out
    assert "justesse" in out


def test_files_and_json(votes, facts):
    found = facts(
        "votes.csv",
        "--out",
        "s.csv",
        "--annotators",
        "a.csv",
        "--plot",
        "p.svg",
        "--truth",
        "truth.csv",
        "--controls",
        "controls.csv",
    )
    assert found["out"] == "s.csv"
    assert found["annotators_table"] == "a.csv"
    assert found["controls"]["failed"] == ["eve"]
    assert found["truth"]["majority"]["n"] == 8  # control items are left out
    assert found["settled"] + len(found["unsettled"]) == 12
    rows = list(csv.DictReader(Path("s.csv").read_text("utf-8").splitlines()))
    assert [row["item"] for row in rows] == [f"{item}.jpg" for item in range(12)]
    assert {row["settled"] for row in rows} <= {"0", "1"}
    assert sum(row["settled"] == "1" for row in rows) == found["settled"]
    people = list(csv.DictReader(Path("a.csv").read_text("utf-8").splitlines()))
    assert {row["annotator"] for row in people} == {"ann", "bob", "eve"}
    assert Path("p.svg").read_text("utf-8").startswith("<svg")


def test_all_keys_are_always_there(votes, facts):
    plain = facts("votes.csv")
    full = facts(
        "votes.csv", "--truth", "truth.csv", "--controls", "controls.csv", "--majority", "90%"
    )
    assert plain.keys() == full.keys()
    assert plain["truth"] is plain["controls"] is plain["majority"] is None
    assert (full["majority"], full["confidence"]) == (0.9, None)


def test_the_simulation(votes, facts):
    found = facts("--simulate", "--seed", "1", "--plot", "robots.png")
    assert next(row["robots"] for row in found["shares"]) == 0
    assert Path("robots.png").read_bytes().startswith(b"\x89PNG")
    code, out, err = votes("--simulate", language="fr")
    assert code == 0
    assert "robots trouvés" in out
    assert "synthétiques" in err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), "votes_source"),
        (("votes.csv", "--simulate"), "votes_source"),
        (("--simulate", "--truth", "truth.csv"), "votes_simulated"),
        (("votes.csv", "--majority", "0.9", "--confidence", "0.9"), "votes_two_rules"),
        (("votes.csv", "--columns", "a,b"), "votes_columns"),
        (("votes.csv", "--columns", "a,b,c"), "table_unknown_column"),
        (("truth.csv",), "votes_column_missing"),
        (("votes.csv", "--out", "votes.csv"), "output_is_input"),
        (("votes.csv", "--out", "x.txt"), "output_kind"),
    ],
)
def test_what_is_refused(votes, refusal_code, words, code):
    assert refusal_code(*words) == (2, code)


def test_a_table_that_is_none(votes, refusal_code):
    assert refusal_code("nothing.csv") == (4, "table_not_file")
    Path("empty.csv").write_bytes(b"")
    assert refusal_code("empty.csv")[0] == 4
    Path("lines.jsonl").write_text(
        "".join(
            json.dumps({"item": i, "annotator": w, "label": w}) + "\n" for i in (1, 2) for w in "ab"
        ),
        "utf-8",
    )
    assert votes("lines.jsonl")[0] == 0
