"""The Tab key: what the shells ask, and what they are told; bash and fish run it in earnest."""

import os
import shutil
import subprocess
import sys
import textwrap

import click
import pytest

from imagier.cli import COMMANDS, imagier
from imagier.cli.completion import KINDS
from imagier.cli.running import run
from imagier.datasets.sources.named import NAMED_SETS


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Stand in a folder with two models, of which one has a space in its name."""
    for name in ("dogs.imagier", "my cats.imagier", ".hidden.imagier"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.json").write_text("{}")
    (tmp_path / "photos" / "inner.imagier").mkdir(parents=True)
    (tmp_path / "photos" / "inner.imagier" / "model.json").write_text("{}")
    (tmp_path / "one.onnx").write_bytes(b"")
    (tmp_path / "notes.txt").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def ask(place, monkeypatch, capsysbinary):
    """Ask as bash does: the line, and the place of the word that is completed."""

    def go(line, shell="bash"):
        words = line.split(" ")
        monkeypatch.setenv("_IMAGIER_COMPLETE", f"{shell}_complete")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", words[-1] if shell == "fish" else str(len(words) - 1))
        assert run(imagier, []) == 0
        out, err = capsysbinary.readouterr()
        assert err == b""
        return out.decode().splitlines()

    return go


def test_commands(ask):
    assert [line.partition(",")[2] for line in ask("imagier ")] == list(COMMANDS)
    assert ask("imagier tra") == ["plain,train"]


def test_options_and_their_choices(ask):
    assert "plain,--out" in ask("imagier train --o")
    assert ask("imagier train --loss sq") == ["plain,squared"]
    assert ask("imagier cache s") == ["plain,show"]


def test_models(ask):
    found = ["path,dogs.imagier", "path,my cats.imagier", "path,one.onnx", "path,photos/"]
    assert ask("imagier predict ") == found
    assert ask("imagier train x --plan ") == found
    assert ask("imagier doctor m") == ["path,my cats.imagier"]
    assert ask("imagier test photos/") == ["path,photos/inner.imagier"]
    assert ask("imagier test .h") == ["path,.hidden.imagier"]


def test_sources_and_files(ask):
    assert ask("imagier train dig")[0] == "plain,digits"
    assert {line.partition(",")[2] for line in ask("imagier train ")} > set(NAMED_SETS)
    assert ask("imagier train pho") == ["file,pho"]
    assert ask("imagier predict dogs.imagier n") == ["file,n"]
    assert ask("imagier train x --out n") == ["file,n"]


@pytest.mark.parametrize("line", ["imagier nonsense ", "imagier network ", "imagier train --seed "])
def test_what_cannot_be_completed_gives_nothing(ask, line):
    assert ask(line) == []


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_other_shells_get_the_help_too_a_line_each(ask, shell):
    lines = ask("imagier train --batch", shell)
    assert len(lines) == (3 if shell == "zsh" else 1)
    assert "Pictures between two corrections" in lines[-1]
    assert any("--batch-size" in line for line in lines)


def test_every_place_that_is_named_is_an_option_or_argument():
    names = {}
    commands = {name: imagier.get_command(None, name) for name in COMMANDS}
    for group in [one for one in commands.values() if isinstance(one, click.Group)]:
        commands |= {name: group.get_command(None, name) for name in group.list_commands(None)}
    for name, command in commands.items():
        for param in command.params:
            names.setdefault(param.name, set()).add(name)
    for key in KINDS:
        command, _, name = key.rpartition(".")
        assert name in names, key
        assert not command or command in names[name], key


def test_another_shell_is_refused(monkeypatch, capsys):
    monkeypatch.setenv("_IMAGIER_COMPLETE", "tcsh_source")
    assert run(imagier, []) == 2
    assert "bash_source, zsh_source or fish_source" in capsys.readouterr().err


@pytest.fixture
def path(tmp_path_factory):
    """Give a PATH on which `imagier` stands."""
    folder = tmp_path_factory.mktemp("bin")
    program = folder / "imagier"
    program.write_text(
        f"#!{sys.executable}\nfrom imagier.cli import main\nmain()\n",
    )
    program.chmod(0o755)
    return os.fspath(folder) + os.pathsep + os.environ["PATH"]


def shell(*words, path):
    environment = os.environ | {"PATH": path, "IMAGIER_LANG": "en"}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_the_shell_understands_what_it_sources(name, path, tmp_path):
    script = subprocess.run(
        ["imagier"],
        env=os.environ | {"PATH": path, "_IMAGIER_COMPLETE": f"{name}_source"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "_IMAGIER_COMPLETE" in script
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    (tmp_path / "completion").write_text(script)
    shell(name, "-n", tmp_path / "completion", path=path)


def test_bash_completes(place, path):
    if shutil.which("bash") is None:
        pytest.skip("bash is not installed")
    script = textwrap.dedent(
        """
        eval "$(_IMAGIER_COMPLETE=bash_source imagier)"
        COMP_WORDS=(imagier predict "$1"); COMP_CWORD=2; COMPREPLY=()
        _imagier_completion imagier 2>/dev/null  # compopt wants to be called by the Tab key
        printf '%s\\n' "${COMPREPLY[@]}"
        """
    )
    assert shell("bash", "-c", script, "-", "m", path=path).splitlines() == ["my cats.imagier"]


def test_fish_completes(place, path):
    if shutil.which("fish") is None:
        pytest.skip("fish is not installed")
    script = "_IMAGIER_COMPLETE=fish_source imagier | source; complete -C 'imagier {}'"
    out = shell("fish", "--no-config", "-c", script.format("predict m"), path=path)
    assert out.split("\t")[0].strip() == "my cats.imagier"
    out = shell("fish", "--no-config", "-c", script.format("tra"), path=path)
    assert out.startswith("train\t")


def test_folders_and_models_of_the_other_commands(ask):
    assert ask("imagier predict dogs.imagier x --sort p") == ["file,p"]
    assert ask("imagier train x.csv --images p") == ["file,p"]
    assert ask("imagier compare m") == ["path,my cats.imagier"]
