import json
import stat

import pytest

from imagier.errors import MachineError
from imagier.testing.evaluation_log import (
    EVALUATIONS,
    count_evaluations,
    record_evaluation,
    set_hash,
)

FACTS = {"fingerprint": set_hash(["a"]), "source": "made up", "n": 4, "accuracy": 0.75}


def test_each_evaluation_on_a_set_is_counted(tmp_path):
    assert count_evaluations(tmp_path, FACTS["fingerprint"]) == 0
    for number in (1, 2, 3):
        record_evaluation(tmp_path, **FACTS)
        assert count_evaluations(tmp_path, FACTS["fingerprint"]) == number
    assert count_evaluations(tmp_path, set_hash(["another"])) == 0


def test_an_evaluation_says_what_was_found(tmp_path):
    record_evaluation(tmp_path, **FACTS)
    (line,) = (tmp_path / EVALUATIONS).read_text().splitlines()
    row = json.loads(line)
    assert list(row) == ["set", "source", "n", "accuracy", "time"]
    assert list(row.values())[:4] == list(FACTS.values())
    assert row["time"].endswith("+00:00")


def test_a_damaged_line_counts_as_an_evaluation(tmp_path):
    (tmp_path / EVALUATIONS).write_bytes(b'{"set": "other"}\n\xff{half a li\n\n[]\n')
    assert count_evaluations(tmp_path, set_hash(["x"])) == 2


def test_without_a_folder_nothing_is_counted(tmp_path):
    file = tmp_path / "model.onnx"
    file.write_bytes(b"")
    assert count_evaluations(file, "x") is None
    assert count_evaluations(tmp_path / "missing", "x") is None


def test_a_folder_that_cannot_be_written_to_counts_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda *_: False)
    assert count_evaluations(tmp_path, "x") is None


def test_an_evaluation_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / EVALUATIONS).mkdir()
    with pytest.raises(MachineError) as caught:
        record_evaluation(tmp_path, **FACTS)
    assert caught.value.code == "cannot_write"


def test_a_set_is_named_by_its_pictures_in_any_order():
    assert set_hash(["b", "a"]) == set_hash(["a", "b"]) != set_hash(["a"])


def test_the_log_can_be_read_by_others(tmp_path):
    record_evaluation(tmp_path, **FACTS)
    assert stat.S_IMODE((tmp_path / EVALUATIONS).stat().st_mode) & 0o400
