"""A folder of one's own with a tiny model, and the call that labels."""

from pathlib import Path

import pytest

from imagier.i18n import use_language
from imagier.labelling.batch import BatchOptions, batch_run, label_batch, local_engine
from imagier.labelling.batch.labelled_part import label_part
from imagier.labelling.batch.labeller import Labeller
from imagier.recognizer import load
from tests.recognizer import tiny_models as tiny


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The current folder, with the model `thirds.imagier`."""
    monkeypatch.chdir(tmp_path)
    tiny.tiny_recognizer().save("thirds.imagier")
    with use_language("en"):
        yield tmp_path


@pytest.fixture
def label(here):
    """Label words into a file, and give the result; `model` may be another."""

    def call(*words, out="names.csv", model="thirds.imagier", paths=None, **options):
        recognizer = load(model)
        return label_batch(recognizer, words, Path(out), BatchOptions(**options), paths=paths)

    return call


@pytest.fixture
def in_process(monkeypatch):
    """Label in this process, which starts sooner than others do."""

    def label_here(parts, onnx, options, *, workers=None):
        labeller = Labeller(onnx, top=options.top, max_error=options.max_error)
        for part in parts:
            yield part, label_part(labeller, local_engine._lines(part), options.kind)

    monkeypatch.setattr(batch_run, "label_here", label_here)
