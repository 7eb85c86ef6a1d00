"""`imagier export`: a file, a file in eight bits, a page; what does not go together is refused."""

import json

import pytest

COMMAND = "export"


@pytest.fixture
def export(command):
    return command


def test_a_model_becomes_one_file_that_predicts(export, thirds):
    code, out, err = export("thirds.imagier", "--out", "t.onnx")
    assert code == 0
    assert "pixels  uint8  (N, 9, 9, 1)" in out
    assert "Written: t.onnx" in err
    code, out, _ = export("t.onnx", "--out", "again.onnx", "--opset", "21", "--json")
    assert code == 0
    assert json.loads(out)["opset"] == 21


def test_a_file_is_not_replaced_unasked(export, thirds):
    assert export("thirds.imagier", "--out", "t.onnx")[0] == 0
    assert export("thirds.imagier", "--out", "t.onnx")[0] == 2
    assert export("thirds.imagier", "--out", "t.onnx", "--force")[0] == 0
    code, _, err = export("t.onnx", "--out", "t.onnx", "--force")
    assert code == 2
    assert "t.onnx" in err


@pytest.fixture
def many(thirds, tiny):
    """Give pictures of each third, each another one."""
    import numpy as np
    from PIL import Image

    rng = np.random.default_rng(0)
    for third, name in enumerate(tiny.THIRDS):
        (thirds / "many" / name).mkdir(parents=True)
        for number in range(12):
            picture = tiny.bright(third)[:, :, 0] - rng.integers(0, 20, (9, 9)).astype(np.uint8)
            Image.fromarray(picture).save(thirds / "many" / name / f"{number}.png")
    return thirds


def test_eight_bits_say_what_they_cost(export, many):
    words = ("thirds.imagier", "--out", "q.onnx", "--int8", "--calibrate", "many")
    code, out, _ = export(*words, "--json")
    assert code == 0
    facts = json.loads(out)["int8"]
    assert facts["loss"]["part"] == "unknown"
    assert facts["loss"]["n"] == 24
    assert facts["calibrated_on"] == 12
    assert facts["speed"]["ratio"] > 0


def test_an_unproven_loss_leaves_with_3_and_writes_nothing(export, many):
    words = ("thirds.imagier", "--out", "q.onnx", "--int8", "--calibrate", "many")
    code, out, err = export(*words, "--max-loss", "0.001")
    assert code == 3
    assert "Nothing was written" in out
    assert "Written" not in err
    assert not (many / "q.onnx").exists()
    code, out, _ = export(*words, "--max-loss", "0.5", language="fr")
    assert code == 0
    assert "comme demandé" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Neither a file nor a page"),
        (("--out", "a.onnx", "--page", "p"), "two exports"),
        (("--out", "a.onnx", "--int8"), "--calibrate"),
        (("--out", "a.onnx", "--max-loss", "0.1"), "--max-loss belongs to --int8"),
        (("--page", "p", "--opset", "18"), "--opset belongs to --out"),
        (("--out", "a.onnx", "--title", "T"), "--title belongs to --page"),
        (("--out", "a.txt"), ".onnx"),
        (("--page", "p", "--runtime", "nothing.tgz"), "npm pack onnxruntime-web@"),
    ],
)
def test_what_does_not_go_together_is_refused(export, thirds, words, said):
    code, _, err = export("thirds.imagier", *words)
    assert code == 2
    assert said in err
    assert not (thirds / "p").exists()


def test_a_page_is_written_into_its_folder(export, thirds, monkeypatch):
    from imagier.export import page_file
    from imagier.export.browser_runtime import BrowserRuntime

    program = b"export{a as InferenceSession,b as Tensor,c as env};"
    runtime = BrowserRuntime(program=program, engine=b"\0asm")
    monkeypatch.setattr(page_file, "browser_runtime", lambda _: runtime)
    code, out, _ = export("thirds.imagier", "--page", "p", "--title", "Thirds", "--json")
    assert code == 0
    assert set(json.loads(out)["files"]) == {"index.html", "model.onnx", "LICENSES.txt"}
    assert "<title>Thirds</title>" in (thirds / "p" / "index.html").read_text("utf-8")
    assert export("thirds.imagier", "--page", "p")[0] == 2
    assert export("thirds.imagier", "--page", "p", "--force")[0] == 0
