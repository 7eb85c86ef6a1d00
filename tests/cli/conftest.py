"""What tests of a command share: it is called in a folder of its own, and answers or refuses.

A file of tests says which command is its own, `COMMAND`, and has a fixture of this name, made from
`command`; the fixtures below call it.
"""

import json
import sys

import pytest

from imagier.cli import main
from imagier.i18n import use_language


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
