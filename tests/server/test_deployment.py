"""The container, the service and the programs of the pages do what they say."""

import ast
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from imagier.cli.serve import serve
from imagier.server.application import ROUTES
from tests.server.conftest import started

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "docs" / "deploy" / "Dockerfile"
UNIT = ROOT / "docs" / "deploy" / "imagier.service"
TOKEN = "a-token-of-some-length"
STEPS = {"FROM", "RUN", "WORKDIR", "COPY", "USER", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK"}
STEPS |= {"ENTRYPOINT", "CMD"}
OPTIONS = {name for one in serve.params if isinstance(one, click.Option) for name in one.opts}


def steps():
    """Read the steps of the Dockerfile: name and rest of each."""
    text = re.sub(r"\\\n\s*", "", DOCKERFILE.read_text("utf-8"))
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [tuple(line.split(maxsplit=1)) for line in lines]


def words_of(name):
    return ast.literal_eval(next(rest for step, rest in steps() if step == name))


def test_the_steps_are_steps():
    assert {name for name, _ in steps()} <= STEPS
    for name, rest in steps():
        if name == "RUN":
            done = subprocess.run(["bash", "-n", "-c", rest], capture_output=True, check=False)
            assert done.returncode == 0, rest


def test_what_is_copied_is_there():
    copied = [word for name, rest in steps() if name == "COPY" for word in rest.split()[:-1]]
    assert "src" in copied
    assert [word for word in copied if not (ROOT / word).exists()] == []


def test_what_is_built_from_is_copied():
    """Files that the build reads: those that pyproject.toml and hatch_build.py name."""
    copied = {word for name, rest in steps() if name == "COPY" for word in rest.split()[:-1]}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert {"pyproject.toml", "hatch_build.py", "README.md"} <= copied
    assert set(project["license-files"]) <= copied
    assert "serve" in project["optional-dependencies"]


def test_it_runs_as_nobody_and_with_a_token():
    assert ("USER", "imagier") in steps()
    words = words_of("ENTRYPOINT")
    assert words[:2] == ["imagier", "serve"]
    assert {word for word in words if word.startswith("--")} <= OPTIONS
    assert "--token-file" in words
    assert not re.search(r"ARG|ENV", " ".join(name for name, _ in steps()))


def test_the_service_is_started_with_options_that_there_are():
    text = UNIT.read_text("utf-8")
    (command,) = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    words = shlex.split(command)
    assert words[1] == "serve"
    assert {word for word in words if word.startswith("--")} <= OPTIONS
    assert "KillMode=mixed" in text


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_understands_the_service(tmp_path):
    text = re.sub("^ExecStart=[^ ]*", "ExecStart=/bin/true", UNIT.read_text("utf-8"), flags=re.M)
    unit = tmp_path / "imagier.service"
    unit.write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False
    )
    assert str(unit.name) not in done.stderr, done.stderr


@pytest.mark.slow
def test_the_steps_of_the_container_run_as_a_script(models, tmp_path):
    """What a builder would do, without one: copy, install, start, ask."""
    place = tmp_path / "opt"
    place.mkdir()
    python = place / ".venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", place / ".venv"], check=True)
    for name, rest in steps():
        if name == "COPY":
            for word in rest.split()[:-1]:
                source = ROOT / word
                copy = shutil.copytree if source.is_dir() else shutil.copy
                copy(source, place / word)
        if name == "RUN" and "pip install" in rest:
            command = rest.replace("python -m pip", f"{python} -m pip")
            subprocess.run(["bash", "-c", command], cwd=place, check=True, timeout=900)
    assert subprocess.run(
        [python, "-c", "import torch"], check=False, capture_output=True
    ).returncode
    tokens = tmp_path / "tokens"
    tokens.write_text(TOKEN)
    words = words_of("ENTRYPOINT")[2:]
    words[words.index("--host") + 1] = "127.0.0.1"
    words[words.index("--token-file") + 1] = str(tokens)
    del words[words.index("--port") : words.index("--port") + 2]
    program = place / ".venv" / "bin" / "imagier"
    with started(tmp_path, *words, str(models / "thirds.imagier"), program=[str(program)]) as one:
        check = words_of_health()[-1].replace(":8000", f":{one.port}")
        subprocess.run([python, "-c", check], check=True, timeout=30)


def words_of_health():
    rest = next(rest for step, rest in steps() if step == "HEALTHCHECK")
    return ast.literal_eval(rest.partition("CMD")[2].strip())


@pytest.mark.parametrize("page", ["serve.md", "serve.fr.md"])
def test_the_program_of_the_page(server, page, picture, tmp_path):
    text = (ROOT / "docs" / page).read_text("utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    address = f"http://127.0.0.1:{server.port}/predict?model=thirds"
    program = program.replace("http://127.0.0.1:8000/predict", address)
    (tmp_path / "new.jpg").write_bytes(picture)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "middle\n"


@pytest.mark.parametrize("page", ["serve.md", "serve.fr.md"])
def test_every_address_and_option_is_told(page):
    text = (ROOT / "docs" / page).read_text("utf-8")
    assert [route for route in ROUTES if route not in text] == []
    unusual = {"--port", "--json", "--quiet", "--token-env", "--help"}
    assert [one for one in OPTIONS - unusual if f"{one}" not in text] == []


def test_there_are_no_other_addresses(server):
    """The list of what the server does, written down: a new address must be meant."""
    schema = server.ask("GET", "/openapi.json").json
    found = {f"{method} {path}" for path, all_ in schema["paths"].items() for method in all_}
    assert found == {
        *("post /predict", "post /batch", "post /read"),
        *("get /models", "get /health", "get /metrics"),
    }


def test_the_page_loads_nothing_from_elsewhere(server):
    page = server.ask("GET", "/docs")
    rules = page.headers["content-security-policy"]
    assert rules.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in rules
    text = page.body.decode()
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", text)
    assert "<script>" not in text
    assert "style=" not in text
    for name in re.findall(r"docs/[a-z.]+", text):
        assert server.ask("GET", f"/{name}").status == 200
    script = server.ask("GET", "/docs/page.js").body.decode()
    assert "innerHTML" not in script
    assert "http" not in script


def test_the_page_speaks_two_languages(server):
    english, french = (server.ask("GET", f"/docs?lang={one}").body.decode() for one in ("en", "fr"))
    assert '<html lang="en">' in english
    assert "Try a picture" in english
    assert '<html lang="fr">' in french
    assert "Essayer une image" in french
    by_header = server.ask("GET", "/docs", accept_language="fr").body.decode()
    assert by_header == french


def test_the_server_has_no_client_of_http():
    """It fetches nothing: no module of it imports what could."""
    clients = {"urllib.request", "http.client", "httpx", "requests", "aiohttp"}
    for path in (ROOT / "src" / "imagier" / "server").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [one.name for one in getattr(node, "names", [])]
            names.append(getattr(node, "module", "") or "")
            assert not clients & set(names), path
