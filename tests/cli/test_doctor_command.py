"""`imagier doctor`: lines for people, one object for programs, and an exit code."""

import json

import pytest

from imagier.cli import imagier
from imagier.cli.running import run


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def without_numpy(monkeypatch):
    from imagier.doctor import Part, Requirement

    need = Requirement(package="numpy", least="2.0", installed="")
    parts = (Part(name="base", requirements=(need,)),)
    monkeypatch.setattr("imagier.doctor.examination.list_parts", lambda: parts)


def test_one_line_a_finding(capsys):
    assert run(imagier, ["doctor"]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert any(line.split()[1] == "Python" for line in lines)
    assert err.strip()


def test_quiet_says_nothing_beside_the_lines(capsys):
    assert run(imagier, ["doctor", "--quiet"]) == 0
    assert capsys.readouterr().err == ""


def test_json_is_one_object(capsys):
    assert run(imagier, ["doctor", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["fit"] is True
    assert {"name", "status", "message", "next"} <= set(answer["findings"][0])


def test_a_missing_base_part_is_exit_5_with_what_to_type(capsys, monkeypatch):
    without_numpy(monkeypatch)
    assert run(imagier, ["doctor"]) == 5
    out = capsys.readouterr().out
    assert "numpy" in out
    assert "→" in out
    assert "pip install" in out


def test_a_missing_base_part_is_exit_5_in_json_too(capsys, monkeypatch):
    without_numpy(monkeypatch)
    assert run(imagier, ["doctor", "--json"]) == 5
    assert json.loads(capsys.readouterr().out)["fit"] is False
