"""`imagier serve`: what it says when it starts, and how it refuses."""

import json
import os
import re
import signal
import socket
import subprocess
import sys

import pytest

from imagier.cli import imagier
from imagier.cli.running import run
from imagier.doctor import Part, Requirement

TOKEN = "a-token-of-some-length"


@pytest.fixture
def here(tmp_path, monkeypatch, tiny):
    """Give a folder with two models, the current one."""
    monkeypatch.chdir(tmp_path)
    tiny.tiny_recognizer().save(tmp_path / "thirds.imagier")
    (tmp_path / "more").mkdir()
    tiny.tiny_recognizer().save(tmp_path / "more" / "thirds.imagier")
    return tmp_path


@pytest.fixture
def refused(capsys):
    """Give the function that calls the command, which must refuse: exit code and code."""

    def go(*words):
        code = run(imagier, ["serve", *words, "--json", "--port", "0"])
        said = capsys.readouterr()
        assert "bug" not in said.err
        return code, json.loads(said.out)["error"]["code"]

    return go


def test_models_of_one_name(here, refused):
    both = ("thirds.imagier", "more/thirds.imagier")
    assert refused(*both) == (2, "models_of_one_name")


@pytest.mark.parametrize("word", ["=thirds.imagier", "a\tb=thirds.imagier", "x" * 101 + "=a"])
def test_odd_names(here, refused, word):
    assert refused(word) == (2, "model_name_odd")


def test_no_such_model(here, refused):
    assert refused("third.imagier") == (4, "model_missing")


def test_a_damaged_model(here, refused):
    (here / "thirds.imagier" / "model.onnx").write_bytes(b"spoilt")
    code, error = refused("thirds.imagier")
    assert code == 4
    assert error.startswith("model_")


def test_a_pickle(here, refused):
    (here / "a.pkl").write_bytes(b"\x80\x04N.")
    assert refused("a.pkl")[0] == 4


def test_no_model(capsys):
    assert run(imagier, ["serve"]) == 2


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2"])  # noqa: S104
def test_others_need_a_token(here, refused, host):
    assert refused("thirds.imagier", "--host", host) == (2, "serve_needs_token")


def test_no_token_stands_on_the_command_line(capsys):
    """Whoever lists processes would see it: only files and variables hold tokens."""
    run(imagier, ["serve", "--help"])
    options = re.findall(r"--[a-z-]*token[a-z-]*", capsys.readouterr().out)
    assert set(options) == {"--token-file", "--token-env"}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--token-file", "none"), "token_unreadable"),
        (("--token-file", "short"), "token_weak"),
        (("--token-file", "empty"), "token_absent"),
        (("--token-env", "NO_SUCH_VARIABLE"), "token_absent"),
        (("--token-env", "X", "--token-file", "short"), "token_twice"),
    ],
)
def test_tokens_that_do_not_serve(here, refused, words, code):
    (here / "short").write_text("short\n")
    (here / "empty").write_text("\n")
    assert refused("thirds.imagier", *words) == (2, code)


def test_a_port_in_use(here, capsys):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert run(imagier, ["serve", "thirds.imagier", "--port", str(port), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "port_taken"


def test_an_address_of_others(here, refused, tmp_path):
    tokens = tmp_path / "tokens"
    tokens.write_text(TOKEN)
    words = ("--host", "192.0.2.1", "--token-file", str(tokens))
    assert refused("thirds.imagier", *words) == (2, "address_not_ours")


def test_without_the_extra(here, capsys, monkeypatch):
    need = Requirement(package="fastapi", least="0.142", installed="")
    monkeypatch.setattr(
        "imagier.doctor.list_parts", lambda: (Part(name="s", requirements=(need,)),)
    )
    monkeypatch.setitem(sys.modules, "fastapi", None)
    assert run(imagier, ["serve", "thirds.imagier", "--port", "0"]) == 5
    assert 'pip install "fastapi>=0.142"' in capsys.readouterr().err


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_it_says(here, language):
    """Its address, its models, and a line that can be pasted."""
    command = [sys.executable, "-m", "imagier", "serve", "thirds.imagier", "x=more/thirds.imagier"]
    process = subprocess.Popen(
        [*command, "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "IMAGIER_LANG": language},
    )
    line, hint = process.stdout.readline(), process.stderr.readline()
    try:
        assert re.match(r"http://127\.0\.0\.1:\d+ \w+.*: thirds, x\n", line)
        picture = here / "photo.jpg"
        picture.write_bytes(b"no picture")
        (curl,) = re.findall(r"`(curl [^`]*)`", hint)
        if subprocess.run(["which", "curl"], capture_output=True, check=False).returncode == 0:
            done = subprocess.run(["bash", "-c", curl], capture_output=True, text=True, check=False)
            assert json.loads(done.stdout)["error"]["code"] == "not_an_image"
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        assert "Traceback" not in process.stderr.read()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def test_torch_is_not_loaded(here):
    """A server runs where torch is not installed; nor are plots or the writer of ONNX loaded."""
    program = (
        "import sys; sys.modules['torch'] = None\n"
        "from imagier.server import server_process, served_models, service\n"
        "served_models.load_models(['thirds.imagier'], threads=1)\n"
        "print(sorted({'torch', 'matplotlib', 'sklearn', 'scipy', 'onnx'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "['torch']"
