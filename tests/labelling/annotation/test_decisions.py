"""Decisions survive whatever ends a session, and undoing takes back exactly one of them."""

import json
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.errors import DataError, UsageError
from imagier.labelling.annotation import Annotations, Decision, open_log

paths = st.lists(st.sampled_from("abcdef"), unique=True, min_size=1, max_size=4).map(tuple)
names = st.builds(
    Decision, do=st.just("name"), name=st.sampled_from(["boot", "hat"]), paths=paths, left_out=paths
)
skips = st.builds(Decision, do=st.just("skip"), paths=paths)
UNDO = Decision(do="undo")


def facts(state):
    return (
        dict(state.names),
        {path: set(names) for path, names in state.refused.items()},
        {path: n for path, n in state.skipped.items() if n},
    )


def after(decisions):
    state = Annotations()
    for decision in decisions:
        state.apply(decision)
    return state


@given(st.lists(st.one_of(names, skips, st.just(UNDO)), max_size=12))
def test_undoing_is_never_having_decided(decisions):
    stack = []
    for decision in decisions:
        if decision.do != "undo":
            stack.append(decision)
        elif stack:
            stack.pop()
    given_names, _, skipped = facts(after(decisions))
    expected_names, _, expected_skipped = facts(after(stack))
    assert (given_names, skipped) == (expected_names, expected_skipped)


@given(st.lists(st.one_of(names, skips), max_size=8))
def test_all_can_be_undone(decisions):
    assert facts(after([*decisions, *[UNDO] * len(decisions)])) == ({}, {}, {})


DECISIONS = (
    Decision(do="name", name="été", paths=("a.jpg", "é b.jpg"), left_out=("c.jpg",)),
    Decision(do="skip", paths=("c.jpg",)),
    Decision(do="name", name="hat", paths=("c.jpg",)),
    UNDO,
)


def test_a_file_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "x.annotations.jsonl"
    with open_log(path) as log:
        for decision in DECISIONS:
            log.append(decision)
        before = facts(log.state)
    with open_log(path) as log:
        assert facts(log.state) == before
        assert log.damaged == 0
    assert len(path.read_text("utf-8").splitlines()) == 4
    assert all(json.loads(line)["at"] for line in path.read_text("utf-8").splitlines())


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_a_torn_last_line_is_passed_over_and_kept(tmp_path, cut):
    path = tmp_path / "x.jsonl"
    with open_log(path) as log:
        for decision in DECISIONS[:2]:
            log.append(decision)
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    with open_log(path) as log:
        is_whole = cut == 1  # only the line end is missing
        assert log.damaged == (0 if is_whole else 1)
        assert log.state.skipped == ({"c.jpg": 1} if is_whole else {})
        log.append(DECISIONS[2])
    assert path.read_bytes().startswith(whole[:-cut])  # never rewritten
    with open_log(path) as log:
        assert log.state.names == {"a.jpg": "été", "é b.jpg": "été", "c.jpg": "hat"}


@pytest.mark.parametrize(
    "line",
    [
        b'{"do": "name", "name": "", "paths": ["a"]}',
        b'{"do": "name", "name": 3, "paths": ["a"]}',
        b'{"do": "name", "name": "x", "paths": "a"}',
        b'{"do": "delete", "paths": ["a"]}',
        b"[1, 2]",
        b"\xff\xfe\x00",
        b"[" * 100_000,
    ],
)
def test_lines_that_are_no_decisions_are_counted(tmp_path, line):
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"do": "name", "name": "hat", "paths": ["b"]}\n' + line + b"\n")
    with open_log(path) as log:
        assert log.damaged == 1
        assert log.state.names == {"b": "hat"}


def test_a_foreign_file_is_left_as_it_is(tmp_path):
    path = tmp_path / "notes.jsonl"
    path.write_text("my notes\nmore of them", "utf-8")
    with pytest.raises(DataError) as refused, open_log(path):
        pass
    assert refused.value.code == "annotations_foreign"
    assert path.read_text("utf-8") == "my notes\nmore of them"


def test_no_decision_leaves_no_file(tmp_path):
    with open_log(tmp_path / "x.jsonl"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_two_people_do_not_write_at_once(tmp_path):
    path = tmp_path / "x.jsonl"
    script = (
        "import sys; from pathlib import Path\n"
        "from imagier.errors import UsageError\n"
        "from imagier.labelling.annotation import open_log\n"
        "try:\n    open_log(Path(sys.argv[1])).__enter__()\n"
        "except UsageError as error:\n    print(error.code)\n"
    )
    with open_log(path) as log:
        log.append(DECISIONS[0])
        done = subprocess.run(
            [sys.executable, "-c", script, path],
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
            env=dict(os.environ),
        )
    assert done.stdout.strip() == "annotations_locked"
    with open_log(path) as log:
        assert len(log.state.names) == 2


def test_a_held_file_is_refused_in_words(tmp_path, monkeypatch):
    from imagier.labelling.annotation import decisions

    monkeypatch.setattr(decisions, "lock_file", lambda _: None)
    with pytest.raises(UsageError) as refused, open_log(tmp_path / "x.jsonl"):
        pass
    assert refused.value.code == "annotations_locked"
