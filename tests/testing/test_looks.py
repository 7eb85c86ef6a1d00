import json
import stat

import pytest

from imagier.errors import MachineError
from imagier.testing.looks import LOOKS, count_looks, record_look, set_hash


def test_each_look_at_a_set_is_counted(report_of, tmp_path):
    report = report_of([0, 1], [0, 1])
    assert count_looks(tmp_path, report.fingerprint) == 0
    for number in (1, 2, 3):
        record_look(tmp_path, report)
        assert count_looks(tmp_path, report.fingerprint) == number
    assert count_looks(tmp_path, set_hash(["another"])) == 0


def test_a_look_says_what_was_seen(report_of, tmp_path):
    record_look(tmp_path, report_of([0, 1, 1, 1], [0, 1, 1, 0]))
    (line,) = (tmp_path / LOOKS).read_text().splitlines()
    look = json.loads(line)
    assert (look["source"], look["n"], look["accuracy"]) == ("made up", 4, 0.75)
    assert look["time"].endswith("+00:00")


def test_a_damaged_line_counts_as_a_look(report_of, tmp_path):
    (tmp_path / LOOKS).write_bytes(b'{"set": "other"}\n\xff{half a li\n\n[]\n')
    assert count_looks(tmp_path, set_hash(["x"])) == 2


def test_without_a_folder_nothing_is_counted(tmp_path):
    file = tmp_path / "model.onnx"
    file.write_bytes(b"")
    assert count_looks(file, "x") is None
    assert count_looks(tmp_path / "missing", "x") is None


def test_a_folder_that_cannot_be_written_to_counts_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda *_: False)
    assert count_looks(tmp_path, "x") is None


def test_a_look_that_cannot_be_written_is_told(report_of, tmp_path):
    (tmp_path / LOOKS).mkdir()
    with pytest.raises(MachineError) as caught:
        record_look(tmp_path, report_of([0], [0]))
    assert caught.value.code == "cannot_write"


def test_a_set_is_named_by_its_pictures_in_any_order():
    assert set_hash(["b", "a"]) == set_hash(["a", "b"]) != set_hash(["a"])


def test_the_ledger_can_be_read_by_others(report_of, tmp_path):
    record_look(tmp_path, report_of([0], [0]))
    assert stat.S_IMODE((tmp_path / LOOKS).stat().st_mode) & 0o400
