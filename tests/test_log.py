"""The log `imagier`: silent unless somebody listens, one line an event, with its facts."""

import logging
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import imagier
from imagier.datasets.loading.pack_store import PackStore
from imagier.errors import ModelError
from imagier.log import log

QUICK = {"network": "linear", "epochs": 1}


@pytest.fixture
def heard(caplog):
    """Give the function that lists what was logged: level, event, facts."""
    caplog.set_level(logging.INFO, logger="imagier")

    def go():
        return [(one.levelname, one.event, one.facts) for one in caplog.records]

    return go


def test_a_training_and_a_service(stripes_folder, tmp_path, heard):
    for picture in sorted((stripes_folder / "lying").iterdir())[20:]:
        picture.unlink()  # unequal classes: something to note
    recognizer, report = imagier.learn(stripes_folder, **QUICK)
    recognizer.save(tmp_path / "m")
    (tmp_path / "bad.png").write_bytes(b"no picture")
    Image.fromarray(np.zeros((28, 28), np.uint8)).save(tmp_path / "good.png")
    opened = imagier.load(tmp_path / "m")
    list(opened.predict_many([tmp_path / "good.png", tmp_path / "bad.png"]))
    events = {event: (level, facts) for level, event, facts in heard()}
    assert events["train_begun"][1]["network"] == "linear"
    assert events["train_done"][1]["accuracy"] == pytest.approx(report.accuracy, abs=1e-4)
    notes = [facts["note"] for _, event, facts in heard() if event == "train_note"]
    assert notes == list(report.data_notes) != []
    assert events["model_loaded"] == (
        "INFO",
        {"path": str(tmp_path / "m"), "network": "linear", "classes": 2},
    )
    level, facts = events["picture_refused"]
    assert (level, facts["path"]) == ("WARNING", str(tmp_path / "bad.png"))


def test_a_refused_model_and_a_cache_that_is_not_kept(tmp_path, monkeypatch, heard):
    with pytest.raises(ModelError):
        imagier.load(tmp_path / "nothing")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    (tmp_path / "file").write_text("")
    PackStore("pixels", "x", limit=lambda: 0, words="datasets")
    levels, events, facts = zip(*heard(), strict=True)
    assert levels == ("WARNING", "WARNING")
    assert events == ("model_refused", "cache_not_kept")
    assert facts[0]["code"] == "model_missing"


def test_an_entry_stays_on_its_line(caplog):
    caplog.set_level(logging.INFO, logger="imagier")
    log("model_loaded", path="a\nERROR b\x1b[31m")
    assert caplog.messages == ["model_loaded path=a\\nERROR b\\x1b[31m"]


def test_nothing_is_written_unless_asked_for():
    program = (
        "import logging, imagier\nfrom imagier.log import log\n{setting}\n"
        "log('picture_refused', path='a.png')"
    )
    for setting, expected in (("", ""), ("logging.basicConfig(level=30)", "path=a.png")):
        done = subprocess.run(
            [sys.executable, "-c", program.format(setting=setting)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == ""
        assert (done.stderr == "") == (expected == "")
        assert expected in done.stderr
