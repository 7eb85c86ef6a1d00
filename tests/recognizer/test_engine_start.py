"""The engine itself: missing, interrupted, shared by threads, quiet."""

import builtins
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from imagier.errors import MachineError, ModelError
from imagier.recognizer import engine


@pytest.fixture
def broken_import(monkeypatch):
    """Give a function that makes the engine's import fail."""
    engine.runtime_module.cache_clear()
    true_import = builtins.__import__

    def fail_with(error, cause=None):
        def imported(name, *rest, **settings):
            if name == "onnxruntime":
                raise error from cause
            return true_import(name, *rest, **settings)

        monkeypatch.setattr(builtins, "__import__", imported)

    yield fail_with
    engine.runtime_module.cache_clear()


def test_a_missing_engine_is_said(recognizer, tiny, broken_import):
    broken_import(ImportError("libfoo.so.1: no such file"))
    with pytest.raises(MachineError) as refused:
        recognizer.predict(tiny.bright(0))
    assert refused.value.code == "engine_missing"
    assert "libfoo.so.1" in refused.value.message
    assert refused.value.exit_code == 5


def test_an_interruption_while_the_engine_starts_is_an_interruption(
    recognizer, tiny, broken_import
):
    broken_import(ImportError("initialization failed"), KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        recognizer.predict(tiny.bright(0))


def test_a_network_that_cannot_be_loaded(tiny):
    parts = tiny.graph_parts()
    parts["nodes"][2].input[0] = "nowhere"
    recognizer = tiny.tiny_recognizer(onnx=tiny.model_of(parts).SerializeToString())
    with pytest.raises(ModelError) as refused:
        recognizer.predict(tiny.bright(0))
    assert refused.value.code == "model_fails"
    assert "\n" not in refused.value.message


def test_several_threads_share_one_engine(recognizer, tiny):
    pictures = [tiny.bright(number % 3) for number in range(60)]
    with ThreadPoolExecutor(4) as pool:
        labels = [answer.label for answer in pool.map(recognizer.predict, pictures)]
    assert labels == list(tiny.THIRDS) * 20


@pytest.mark.parametrize("threads", [1, 2, None])
def test_the_answer_does_not_depend_on_the_threads(tiny, threads):
    recognizer = tiny.tiny_recognizer(threads=threads)
    assert recognizer.predict(tiny.bright(2)).label == "right"


def test_the_engine_says_nothing(model_folder):
    """Neither warnings nor telemetry reach the terminal."""
    program = (
        "import sys, numpy; from imagier.recognizer import load;"
        "load(sys.argv[1]).predict(numpy.zeros((9, 9), 'uint8'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, model_folder], capture_output=True, check=True, timeout=60
    )
    assert (done.stdout, done.stderr) == (b"", b"")


def test_batches_are_powers_of_two():
    values = np.geomspace(1, 10**8, 200).astype(int).tolist()
    sizes = {engine.Engine.batch_size(number) for number in values}
    assert sizes == {1, 2, 4, 8, 16, 32, 64}
