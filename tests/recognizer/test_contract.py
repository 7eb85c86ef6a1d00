"""The preparation is a contract: programs without imagier give the same answers (docs/model.md)."""

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from onnx import numpy_helper
from PIL import Image

from imagier.images import Ink, Prepare
from imagier.recognizer import Recognizer

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
TOLERANCE = 1e-4
CLASSES = ("a", "b", "c", "d", "e")
SETTINGS = {
    "pad": {"fit": "pad"},
    "crop": {"fit": "crop"},
    "between": {"fit": "crop-pad"},
    "stretch": {"fit": "stretch", "deep_white": 65535},
    "grey": {"fit": "crop-pad", "channels": 1, "full_scale": 128},
}


def odd():
    path = Path(__file__).with_name("odd_pictures.py")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def model_of(tiny, **settings):
    """Give a model of random weights, whose probabilities jump by 0.001 where a level does."""
    channels = settings.pop("channels", 3)
    prepare = Prepare(height=16, width=16, channels=channels, **settings)
    plan = {"format": 2, "epochs": 3}  # as in a model that was learnt: another object in the card
    about = {"side": 16, "channels": channels, "classes": CLASSES, "prepare": prepare}
    card = tiny.tiny_card(plan=plan, **about)
    network = tiny.convolution_model(channels=channels)
    last = next(one for one in network.graph.initializer if one.name == "last")
    weights = numpy_helper.to_array(last) * 0.2
    last.CopyFrom(numpy_helper.from_array(weights, "last"))
    return Recognizer(card=card, onnx=network.SerializeToString())


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("odd")
    for name, content in odd().odd_pictures((16, 16)):
        (folder / name).write_bytes(content)
    assert len(list(folder.iterdir())) >= 30
    return sorted(folder.iterdir())


def answers(command, model, paths, tmp_path):
    file = tmp_path / "model.onnx"
    file.write_bytes(model.onnx)
    done = subprocess.run(
        [*command, file, *paths],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return np.array([[row[name] for name in model.classes] for row in rows])


def expected(model, paths):
    rows = [dict(answer.top) for answer in model.predict_many(paths, top=len(model.classes))]
    assert all(rows)
    return np.array([[row[name] for name in model.classes] for row in rows])


def assert_same(found, wanted, paths):
    worst = np.abs(found - wanted).max(axis=1)
    assert {path.name: worst[row] for row, path in enumerate(paths) if worst[row] > TOLERANCE} == {}


@pytest.mark.parametrize("name", SETTINGS)
def test_the_python_program_gives_the_same_answers(tiny, pictures, tmp_path, name):
    model = model_of(tiny, **SETTINGS[name])
    command = [sys.executable, EXAMPLES / "predict.py"]
    wanted = expected(model, pictures)
    assert len({tuple(row.round(3)) for row in wanted}) > len(pictures) // 2  # they do differ
    assert_same(answers(command, model, pictures, tmp_path), wanted, pictures)


INSTALL = (
    "npm install --ignore-scripts --prefix /tmp/node onnxruntime-node sharp; "
    "export NODE_PATH=/tmp/node/node_modules"
)


@pytest.fixture(scope="module")
def node():
    """Node with onnxruntime-node and sharp; `.ci/run` installs them where npm answers."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("node is not installed")
    check = "require('onnxruntime-node'); require('sharp')"
    done = subprocess.run([program, "-e", check], capture_output=True, check=False, timeout=60)
    if done.returncode:
        pytest.skip(f"Node lacks two packages; type: {INSTALL}, then test again")
    return program


@pytest.mark.parametrize("name", SETTINGS)
def test_the_node_program_gives_the_same_answers(tiny, pictures, tmp_path, node, name):
    model = model_of(tiny, **SETTINGS[name])
    paths = [path for path in pictures if path.name not in odd().ONLY_IN_PYTHON]
    found = answers([node, EXAMPLES / "predict.cjs"], model, paths, tmp_path)
    wanted = expected(model, paths)
    assert wanted.std(axis=0).max() > 100 * TOLERANCE  # the pictures do differ
    whole = [path.name in odd().DECODED_WHOLE for path in paths]
    assert np.abs(found - wanted)[whole].max() < 0.05  # here of random weights
    kept = ~np.array(whole)
    paths = [path for path, is_kept in zip(paths, kept, strict=True) if is_kept]
    assert_same(found[kept], wanted[kept], paths)


def test_signs_of_the_input_s_size_are_taken_or_inverted(tiny, tmp_path):
    ink = Ink(box=0.7, centre="mass")
    model = model_of(tiny, channels=1, ink=ink)
    sign = np.zeros((16, 16), np.uint8)
    sign[4:12, 6:9] = 220
    paths = [tmp_path / "black.png", tmp_path / "white.png"]
    Image.fromarray(sign).save(paths[0])
    Image.fromarray(255 - sign).save(paths[1])
    wanted = expected(model, paths)
    np.testing.assert_array_equal(wanted[0], wanted[1])
    command = [sys.executable, EXAMPLES / "predict.py"]
    assert_same(answers(command, model, paths, tmp_path), wanted, paths)


@pytest.mark.parametrize("page", ["model.md", "model.fr.md"])
@pytest.mark.parametrize("program", ["predict.py", "predict.cjs"])
def test_the_page_names_the_programs_that_are_tested(page, program):
    assert f"examples/{program}" in (ROOT / "docs" / page).read_text("utf-8")
