"""Which labels are settled, who fails control items, and what a strange table says of itself."""

import json
import time

import numpy as np
import pytest

from imagier.errors import DataError, UsageError
from imagier.i18n import use_language
from imagier.labelling.votes import (
    VoteOptions,
    make_votes,
    read_known,
    read_votes,
    settle_table,
    settle_votes,
    simulate_votes,
)


@pytest.fixture
def write(tmp_path):
    def table(name, *rows):
        path = tmp_path / name
        path.write_text("\n".join(rows) + "\n", "utf-8")
        return path

    return table


VOTES = ("item,annotator,label", "1,ann,cat", "1,bob,cat", "1,eve,cat", "2,ann,dog", "2,bob,dog")
VOTES += ("2,eve,cat", "3,ann,dog", "3,bob,cat", "4,ann,dog")


def test_majority_settles_by_share_and_least_votes(write):
    path = write("votes.csv", *VOTES)
    rows = {}
    for share in (0.6, 0.9):
        found = settle_table(path, options=VoteOptions(majority=share)).found
        rows[share] = dict(zip(found.votes.items, found.is_settled.tolist(), strict=True))
    assert rows[0.6] == {"1": True, "2": True, "3": False, "4": False}  # a tie, a single vote
    assert rows[0.9] == {"1": True, "2": False, "3": False, "4": False}
    found = settle_table(path, options=VoteOptions(majority=0.9, least=1)).found
    assert found.is_settled.tolist() == [True, False, False, True]


def test_confidence_decides_by_probability(write):
    found = settle_table(write("votes.csv", *VOTES), options=VoteOptions(least=1)).found
    assert (found.is_settled == (found.model.probabilities.max(axis=1) >= 0.95)).all()
    sure = settle_table(write("v.csv", *VOTES), options=VoteOptions(confidence=0.5, least=2)).found
    assert sure.is_settled.tolist() == [True, True, True, False]


def test_control_items_name_who_fails_and_are_settled():
    made = simulate_votes(0.6, seed=3)
    truth = {str(item): str(made.truth[item]) for item in range(40)}
    found = settle_votes(made.votes, controls=truth)
    failed = found.controls.failed
    assert failed[made.is_robot].mean() > 0.7
    assert failed[~made.is_robot].mean() < 0.2
    assert found.is_settled[:40].all()
    assert (found.label[:40] == made.truth[:40]).all()
    assert 30 <= found.control_hits <= 40
    rest = slice(40, None)
    alone = settle_votes(made.votes)
    assert (found.label[rest] == made.truth[rest]).mean() > 0.75
    assert (alone.label[rest] == made.truth[rest]).mean() < 0.5
    nobody = settle_votes(made.votes, controls=truth, options=VoteOptions(pass_mark=0))
    assert not nobody.controls.failed.any()


def test_rows_that_are_no_votes_are_counted(write):
    rows = ("5,,cat", ",ann,cat", "5,ann,", "1,ann,cat", "5,bob,cat", "5,bob,dog", "5,eve,Cat")
    result = settle_table(write("votes.csv", *VOTES, *rows))
    faults = result.found.votes.faults
    assert (faults.incomplete, faults.repeated, faults.contradicted) == (3, 1, ("5: bob",))
    assert len(result.found.votes) == 10
    notes = " ".join(result.notes)
    assert "3 rows have no item" in notes
    assert "5: bob" in notes
    assert "“Cat” and “cat” differ in their capitals alone" in notes


def test_one_item_one_annotator_and_nobody_twice(write):
    head = VOTES[0]
    one = settle_table(write("one.csv", head, "1,ann,cat", "1,bob,dog", "1,eve,cat"))
    assert len(one.found.label) == 1
    alone = settle_table(write("alone.csv", head, "1,ann,cat", "2,ann,dog"))
    assert alone.found.agreement is None
    for result in (one, alone):
        for language in ("en", "fr"):
            with use_language(language):
                assert len(list(result.lines())) > 5
        json.dumps(result.to_json(), allow_nan=False)
        assert result.figures()["figure"].content(".svg").startswith(b"<svg")


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (("item,annotator,label", "1,,cat"), "votes_none"),
        (("item,annotator,label", "1,ann,cat", "2,bob,cat"), "votes_one_label"),
        (("item,annotater,label", "1,ann,cat"), "votes_column_missing"),
        (("item,annotator,label", *(f"{n},ann,l{n}" for n in range(1001))), "votes_many_labels"),
    ],
)
def test_tables_that_hold_no_votes(write, rows, code):
    with pytest.raises((DataError, UsageError)) as refused:
        settle_table(write("votes.csv", *rows))
    assert refused.value.code == code
    if code == "votes_column_missing":
        assert "Did you mean “annotater”?" in refused.value.message


def test_other_titles_and_numbers_written_otherwise(write):
    path = write("v.csv", "Task;Worker;Answer", "a;x;1", "a;y;0", "b;x;0")
    table = read_votes(path)
    assert table.votes.labels == ("0", "1")
    assert any("Worker" in note for note in table.notes)
    truth = write("t.csv", "item,label", "a,1.0", "b,0.0")
    assert settle_table(path, truth=truth).truth.majority.n == 2
    assert settle_table(path, truth=truth).truth.dawid_skene.right >= 1
    named = write("n.csv", "who,what,which", "x,1,a", "y,0,a", "x,0,b")
    with pytest.raises(UsageError):
        read_votes(named)
    found = read_votes(named, columns=("which", "who", "what")).votes
    assert found.labels == table.votes.labels
    assert found.label.tolist() == table.votes.label.tolist()


def test_known_labels_that_contradict_or_meet_no_vote(write):
    path = write("votes.csv", *VOTES)
    with pytest.raises(DataError) as refused:
        read_known(write("k.csv", "item,label", "1,cat", "1,dog"))
    assert refused.value.code == "votes_known_twice"
    for option, code in (
        ("controls", "votes_controls_unmatched"),
        ("truth", "votes_truth_unmatched"),
    ):
        with pytest.raises(DataError) as refused:
            settle_table(path, **{option: write("k.csv", "item,label", "9,cat")})
        assert refused.value.code == code
    with pytest.raises(DataError) as refused:
        settle_table(path, controls=write("k.csv", "item,label", "1,dog", "2,bird"))
    assert refused.value.code == "votes_all_failed"
    result = settle_table(
        path,
        controls=write("k.csv", "item,label", "1,cat", "9,cat", "2,dgo"),
        options=VoteOptions(pass_mark=0.1),
    )
    notes = " ".join(result.notes)
    assert "Nobody voted on one control item: 9" in notes
    assert "“dgo”. Did you mean “dog”?" in notes
    assert result.found.votes.labels == ("cat", "dgo", "dog")


def test_accuracies_of_annotators_who_guess_or_know(write):
    chance = np.random.default_rng(0)
    truth = chance.integers(0, 2, 100)
    rows = [VOTES[0]]
    for item, label in enumerate(truth.tolist()):
        rows += [f"{item},{who},{label}" for who in ("a", "b", "c")]
        rows += [
            f"{item},always,1",
            f"{item},lot,{chance.integers(0, 2)}",
            f"{item},contrary,{1 - label}",
        ]
    reports = {one.name: one for one in settle_table(write("v.csv", *rows)).annotators}
    assert {name for name, one in reports.items() if one.tells_nothing} == {"always", "lot"}
    assert reports["contrary"].information > 0.7
    assert reports["contrary"].accuracy < 0.1
    assert reports["always"].confusion[:2] == ("0", "1")
    assert reports["a"].accuracy > 0.95


def test_a_million_votes_are_settled_in_seconds():
    chance = np.random.default_rng(0)
    n, per = 100_000, 10
    truth = chance.integers(0, 4, n)
    item = np.repeat(np.arange(n), per)
    annotator = (np.arange(n * per) * 7 + np.repeat(chance.integers(0, 500, n), per)) % 500
    label = np.where(chance.random(n * per) < 0.7, truth[item], chance.integers(0, 4, n * per))
    from imagier.labelling.votes import Votes

    votes = Votes(
        items=tuple(map(str, range(n))),
        annotators=tuple(map(str, range(500))),
        labels=tuple("abcd"),
        item=item,
        annotator=annotator,
        label=label,
    )
    begin = time.process_time()
    found = settle_votes(votes)
    assert time.process_time() - begin < 30  # 3 s on a quiet machine
    assert (found.label == truth).mean() > 0.97


def test_contradictions_and_repetitions_are_found_in_any_order():
    rows = [("1", "x", "a"), ("2", "x", "b"), ("1", "x", "a"), ("2", "x", "a"), ("2", "y", "b")]
    for order in (rows, rows[::-1]):
        votes = make_votes(order)
        given = {
            (votes.items[i], votes.annotators[a], votes.labels[label])
            for i, a, label in zip(votes.item, votes.annotator, votes.label, strict=True)
        }
        assert given == {("1", "x", "a"), ("2", "y", "b")}
