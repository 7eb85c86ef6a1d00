"""A backbone with its head is saved as one model that needs no torch."""

import subprocess
import sys

import numpy as np
import pytest
import safetensors.numpy

import imagier
from imagier.errors import ModelError
from imagier.features import Head, View, export_features, extract, fit_head, open_backbone
from imagier.images import Prepare
from imagier.recognizer import ModelCard, replay_golden

SIDE = 32
PREPARE = Prepare(height=12, width=12, channels=1)
VIEWS = (View(side=SIDE), View(side=SIDE, mirrored=True))
CARD = ModelCard(
    classes=("lying", "standing"), prepare=PREPARE, network="features:32", parameters=1, seed=0
)


@pytest.fixture(scope="module", autouse=True)
def _a_cache_for_all(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def backbone():
    return open_backbone(f"features:{SIDE}")


@pytest.fixture(scope="module")
def head(backbone, stripes):
    pixels, labels = stripes
    hashes = [str(number) for number in range(len(pixels))]
    seen = [
        list(extract(backbone, pixels, hashes, prepare=PREPARE, view=view))[-1].features
        for view in VIEWS
    ]
    features = np.mean(seen, axis=0, dtype=np.float32)
    fitted = fit_head(
        features, labels, np.where(np.arange(len(labels)) < 180, -1, 0), class_weights=[1, 1]
    )
    assert fitted.best.accuracy > 0.95
    return fitted.head


@pytest.fixture(scope="module")
def recognizer(backbone, head, stripes):
    pixels, _ = stripes
    return export_features(
        backbone, VIEWS, head, CARD, reference_inputs=pixels[180:], golden=pixels[:3]
    )


def test_it_names_pictures(recognizer, stripes):
    pixels, labels = stripes
    answers = recognizer.probabilities(pixels[180:]).argmax(axis=1)
    assert (answers == labels[180:]).mean() > 0.95
    assert replay_golden(recognizer) < 1e-5


def test_the_weights_are_the_heads_alone(recognizer, head):
    kept = safetensors.numpy.load(recognizer.weights)
    assert sorted(kept) == ["head.bias", "head.weight"]
    np.testing.assert_array_equal(kept["head.weight"], head.weights)


def test_saved_and_opened_it_answers_the_same(recognizer, stripes, tmp_path):
    pixels, _ = stripes
    recognizer.save(tmp_path / "stripes.imagier")
    opened = imagier.load(tmp_path / "stripes.imagier")
    np.testing.assert_array_equal(
        opened.probabilities(pixels[:5]), recognizer.probabilities(pixels[:5])
    )


def test_predicting_needs_no_torch(recognizer, stripes, tmp_path):
    pixels, _ = stripes
    folder = tmp_path / "stripes.imagier"
    recognizer.save(folder)
    np.save(tmp_path / "pixels.npy", pixels[:5])
    script = (
        "import sys; sys.modules['torch'] = sys.modules['onnx'] = None\n"
        "import numpy as np, imagier\n"
        f"model = imagier.load({str(folder)!r})\n"
        f"print(model.probabilities(np.load({str(tmp_path / 'pixels.npy')!r})).argmax(1).tolist())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(recognizer.probabilities(pixels[:5]).argmax(1).tolist())


@pytest.mark.parametrize("known", [False, True])
def test_a_graph_that_answers_otherwise_is_refused(backbone, head, recognizer, stripes, known):
    pixels, _ = stripes
    half = Head(weights=head.weights / 2, bias=head.bias / 2)
    answers = recognizer.probabilities(pixels[:10])
    with pytest.raises(ModelError) as caught:
        export_features(
            _Halved(backbone) if not known else backbone,
            VIEWS[:1],
            half if known else head,
            CARD,
            reference_inputs=pixels[:10],
            expected=answers if known else None,
            golden=pixels[:0],
        )
    assert caught.value.code == "export_differs"


class _Halved:
    """A backbone whose whole graph has another head than the one it is given."""

    def __init__(self, backbone):
        self.backbone = backbone
        self.name = backbone.name

    def graph(self, shape, *, head=None, **settings):
        if head is not None:
            head = Head(weights=head.weights / 2, bias=head.bias)
        return self.backbone.graph(shape, head=head, **settings)


def test_answers_from_kept_features_are_enough(backbone, head, recognizer, stripes):
    pixels, _ = stripes
    answers = recognizer.probabilities(pixels[:10])
    again = export_features(
        backbone,
        VIEWS,
        head,
        CARD,
        reference_inputs=pixels[:10],
        expected=answers,
        golden=pixels[:0],
    )
    assert again.onnx == recognizer.onnx
