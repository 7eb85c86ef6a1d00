"""What tests of a command share: it is called in a folder of its own, and answers or refuses.

A file of tests says which command is its own, `COMMAND`, and has a fixture of this name, made from
`command`; the fixtures below call it.
"""

import importlib.util
import json
import sys
from pathlib import Path

import pytest
from PIL import Image

from imagier.cli import main
from imagier.i18n import use_language


@pytest.fixture
def tiny():
    """Give the builders of tiny recognisers, which are not trained."""
    place = Path(__file__).parents[1] / "recognizer" / "tiny_models.py"
    spec = importlib.util.spec_from_file_location("tiny_models", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def thirds(command, tiny, tmp_path):
    """Give the current folder, with the model `thirds.imagier` and a picture of each of its names.

    They are `photos/left.png`, `photos/middle.png`, `photos/right.png`.
    """
    tiny.tiny_recognizer().save("thirds.imagier")
    (tmp_path / "photos").mkdir()
    for third, name in enumerate(tiny.THIRDS):
        Image.fromarray(tiny.bright(third)[:, :, 0]).save(tmp_path / "photos" / f"{name}.png")
    return tmp_path


@pytest.fixture
def command(request, capsys, monkeypatch, tmp_path):
    """Give the function that calls the command: exit code, what it prints, what it says beside."""
    monkeypatch.chdir(tmp_path)

    def call(*words, language="en"):
        monkeypatch.setattr(sys, "argv", ["imagier", request.module.COMMAND, *words])
        with use_language(language), pytest.raises(SystemExit) as end:
            main()
        answer = capsys.readouterr()
        return int(end.value.code or 0), answer.out, answer.err

    return call


@pytest.fixture
def facts(request):
    """Give the function that calls the command for programs and reads its answer."""
    own = request.getfixturevalue(request.module.COMMAND)

    def call(*words):
        code, out, err = own(*words, "--json")
        assert code == 0, err
        assert out.count("\n") == 1
        return json.loads(out)

    return call


@pytest.fixture
def refusal(request):
    """Give the function that calls the command in vain: exit code, and the error for programs."""
    own = request.getfixturevalue(request.module.COMMAND)

    def call(*words):
        code, out, err = own(*words, "--json")
        assert any(line.startswith("imagier: ") for line in err.splitlines())
        return code, json.loads(out)["error"]

    return call


@pytest.fixture
def refusal_code(refusal):
    """Give the function that calls the command in vain: exit code, and the code of the error."""

    def call(*words):
        code, error = refusal(*words)
        return code, error["code"]

    return call
