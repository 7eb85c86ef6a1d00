import json
import sys

import pytest

from imagier.testing import evaluate_model, report_html
from imagier.testing.opened_sets import record_opening


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "imagier"


def test_the_models_tested_on_a_set_are_counted(state):
    assert [record_opening("s", model) for model in ("a", "b", "a", "c")] == [1, 2, 2, 3]
    assert record_opening("other", "a") == 1
    rows = [json.loads(line) for line in (state / "opened.jsonl").read_text().splitlines()]
    assert [row["model"] for row in rows] == ["a", "b", "c", "a"]
    assert set(rows[0]) == {"set", "model", "time"}, "hashes and the time alone"


def test_damaged_lines_say_nothing(state):
    record_opening("s", "a")
    with (state / "opened.jsonl").open("ab") as file:
        file.write(b"{\n\xff\xfe\n" + b"x" * 5000 + b'\n{"set": "s", "model": 3}\n{"set": "s"}\n')
    assert record_opening("s", "b") == 2


@pytest.mark.skipif(sys.platform == "win32", reason="Windows asks for a right to link")
def test_a_link_is_not_followed(state, tmp_path):
    record_opening("s", "a")
    mine = tmp_path / "mine.txt"
    mine.write_text("mine")
    (state / "opened.jsonl").unlink()
    (state / "opened.jsonl").symlink_to(mine)
    assert record_opening("s", "a") in (None, 1)
    assert mine.read_text() == "mine"


def test_where_nothing_can_be_kept_nothing_is_counted(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert record_opening("s", "a") is None


def test_two_models_on_the_same_pictures_are_told(state, model, thirds, tmp_path):
    photos = thirds.write_pictures(tmp_path / "photos")
    first = evaluate_model(model, photos)
    assert first.models_tested == first.to_json()["models_tested"] == 1
    assert first.fingerprint[:12] in report_html(first)
    builders = thirds.load_builders()
    other = tmp_path / "other.imagier"
    builders.tiny_recognizer(card=builders.tiny_card(seed=1)).save(other)
    (photos / "left" / "0.png").rename(photos / "left" / "renamed.png")
    second = evaluate_model(other, photos)
    assert second.models_tested == 2
    assert "2 models have been tested on these pictures" in "\n".join(second.lines())
    assert evaluate_model(model, photos).models_tested == 2
