"""The examination of an installation: what is there, what is not, and what to type."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import imagier
from imagier.cache import cache_folder
from imagier.doctor import Part, Requirement, examine, list_parts
from imagier.i18n import LANGUAGES, use_language
from imagier.machine import available_cores, describe_machine

MEMORY_TABLE = "MemTotal:       8000000 kB\nMemFree:         100 kB\nMemAvailable:   3000000 kB\n"


def find(examination, name):
    return next(finding for finding in examination.findings if finding.name == name)


def missing(name, package="spam", *, least="", installed=""):
    need = Requirement(package=package, least=least, installed=installed)
    return Part(name=name, requirements=(need,))


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def system(tmp_path):
    """A false root with `proc` and `sys` to write into."""

    def write(**files):
        for name, text in files.items():
            path = tmp_path / "root" / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path / "root"

    return write


def test_this_installation_can_work():
    assert examine().is_fit


def test_the_base_comes_from_the_project_itself():
    base, *extras = list_parts()
    assert base.name == "base"
    assert {"numpy", "pillow", "onnxruntime", "click"} <= {n.package for n in base.requirements}
    assert "train" in [part.name for part in extras]
    assert not {"dev", "all"} & {part.name for part in extras}


def test_requirements_are_read_as_cards_write_them():
    lines = ["numpy>=2.0", "jinja2 (>=3.1.6,<4)", 'torch>=2.6; extra == "train"', "nothere"]
    base, train = list_parts(lines)
    assert [(need.package, need.least) for need in base.requirements] == [
        ("numpy", "2.0"),
        ("jinja2", "3.1.6"),
        ("nothere", ""),
    ]
    assert [need.package for need in base.missing] == ["nothere"]
    assert train.name == "train"


@pytest.mark.parametrize(
    ("installed", "least", "met"),
    [
        ("2.10.1", "2.9", True),
        ("2.6.0+cpu", "2.6", True),
        ("2.5.1", "2.6", False),
        ("3", "3.0.0", True),
        ("", "", False),
        ("0.1", "", True),
    ],
)
def test_versions_are_compared_by_their_numbers(installed, least, met):
    assert Requirement(package="x", least=least, installed=installed).is_met is met


def test_a_missing_extra_says_what_to_type_and_is_no_problem():
    found = examine([missing("base", installed="1"), missing("train")])
    train = find(found, "part:train")
    assert train.status == "missing"
    assert f"{sys.executable} -m pip install spam" in train.next_step
    assert found.is_fit


def test_pytorch_is_asked_for_in_its_build_for_processors():
    command = missing("train", "torch", least="2.6").command
    assert command.endswith(
        'install --extra-index-url https://download.pytorch.org/whl/cpu "torch>=2.6"'
    )


def test_a_missing_base_package_is_a_problem():
    found = examine([missing("base")])
    base = find(found, "part:base")
    assert (base.status, found.is_fit) == ("problem", False)
    assert "spam" in base.message


def test_a_package_too_old_is_told_with_both_versions():
    base = find(examine([missing("base", installed="1.2", least="1.10")]), "part:base")
    assert "1.2" in base.message
    assert "1.10" in base.message


def test_a_cache_that_cannot_be_written_is_told(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    cache = find(examine(), "cache")
    assert cache.status == "problem"
    assert "XDG_CACHE_HOME" in cache.next_step


def test_the_size_of_the_cache_is_counted(tmp_path):
    cache_folder()
    (tmp_path / "cache" / "imagier" / "x").write_bytes(bytes(2_000_000))
    cache = find(examine([]), "cache")
    assert cache.facts["bytes"] >= 2_000_000


def test_the_language_and_where_it_comes_from(monkeypatch):
    monkeypatch.setenv("IMAGIER_LANG", "fr")
    found = find(examine([]), "language")
    assert found.facts == {"language": "fr", "from": "IMAGIER_LANG"}


def test_the_cores_are_those_that_prediction_uses():
    cores = find(examine(), "cores")
    assert cores.facts["cores"] == available_cores()


def test_without_the_base_the_rest_still_speaks():
    names = [finding.name for finding in examine([missing("base")]).findings]
    assert "cores" not in names
    assert {"python", "memory", "part:base", "cache", "language"} <= set(names)


def test_a_data_set_is_found_where_the_user_put_it(tmp_path, monkeypatch):
    (tmp_path / "mine" / "mnist" / "train").mkdir(parents=True)
    monkeypatch.setenv("IMAGIER_DATA", str(tmp_path / "mine"))
    found = find(examine(), "data:mnist")
    assert (found.status, found.message) == ("ok", str(tmp_path / "mine" / "mnist"))


def test_an_absent_data_set_is_told_and_not_downloaded(tmp_path, monkeypatch):
    for name in ("IMAGIER_DATA", "XDG_DATA_HOME", "XDG_DATA_DIRS"):
        monkeypatch.setenv(name, str(tmp_path / "nothing"))
    found = find(examine(), "data:cifar10")
    assert found.status == "missing"
    assert "imagier train cifar10" in found.next_step
    assert not (tmp_path / "cache" / "imagier" / "datasets").exists()


def test_a_set_that_nothing_offers_is_not_promised(tmp_path, monkeypatch):
    for name in ("IMAGIER_DATA", "XDG_DATA_HOME", "XDG_DATA_DIRS"):
        monkeypatch.setenv(name, str(tmp_path / "nothing"))
    found = find(examine(), "data:usps")
    assert found.status == "missing"
    assert "IMAGIER_DATA" in found.next_step
    assert "usps/usps.npz" in found.next_step


def test_the_digits_are_always_there():
    digits = find(examine(), "data:digits")
    assert (digits.status, Path(digits.message).name) == ("ok", "digits.csv.gz")
    assert Path(digits.message).is_relative_to(Path(imagier.__file__).parent)


def test_memory_is_read_from_the_system(system):
    machine = describe_machine(system(proc__meminfo=MEMORY_TABLE))
    assert machine.memory == 8_000_000 * 1024
    assert machine.free_memory == 3_000_000 * 1024


def test_limits_of_a_container_count(system):
    root = system(
        proc__meminfo=MEMORY_TABLE,
        proc__self__cgroup="0::/box/inner\n",
        sys__fs__cgroup__box__memory_dot_max="1000000000\n",
        sys__fs__cgroup__box__inner__memory_dot_max="max\n",
    )
    machine = describe_machine(root)
    assert machine.memory == machine.free_memory == 1_000_000_000


def test_limits_of_an_older_container_count(system):
    root = system(
        proc__meminfo=MEMORY_TABLE,
        proc__self__cgroup="4:memory:/\n",
        sys__fs__cgroup__memory__memory_dot_limit_in_bytes="2000000000",
    )
    assert describe_machine(root).memory == 2_000_000_000


def test_an_unlimited_container_limits_nothing(system):
    root = system(
        proc__meminfo=MEMORY_TABLE,
        proc__self__cgroup="0::/\n",
        sys__fs__cgroup__memory_dot_max="max",
    )
    assert describe_machine(root).memory == 8_000_000 * 1024


def test_a_group_path_that_climbs_out_is_harmless(system):
    root = system(proc__meminfo=MEMORY_TABLE, proc__self__cgroup="0::/../../..\n")
    assert describe_machine(root).memory == 8_000_000 * 1024


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_speaks_and_is_json(language):
    with use_language(language):
        for finding in examine([missing("base"), missing("train")]).findings:
            assert finding.message
            assert (finding.status == "ok") == (finding.next_step == "")
            json.dumps(finding.to_json())


def test_nothing_heavy_is_imported():
    heavy = {"torch", "sklearn", "matplotlib", "onnxruntime", "rich"}
    program = (
        "import sys, imagier.doctor as d; list(d.examine().lines());"
        f"print(sorted({heavy!r} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_the_examination_makes_nothing(tmp_path, monkeypatch):
    place, home = tmp_path / "here", tmp_path / "home"
    place.mkdir()
    home.mkdir()
    monkeypatch.chdir(place)
    for name, folder in (("XDG_CACHE_HOME", ".cache"), ("XDG_STATE_HOME", ".local/state")):
        monkeypatch.setenv(name, str(home / folder))
    assert find(examine(), "cache").status == "ok"
    assert list(place.iterdir()) == list(home.iterdir()) == []


def test_a_cache_of_somebody_else_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "imagier").symlink_to(tmp_path)
    cache = find(examine(), "cache")
    assert (cache.status, cache.next_step != "") == ("problem", True)


def test_a_user_without_a_home_is_told_that_imagier_works(monkeypatch):
    for name in ("XDG_CACHE_HOME", "XDG_STATE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)

    def unknown(_):
        raise KeyError

    monkeypatch.setattr("pwd.getpwuid", unknown)
    found = examine()
    cache = find(found, "cache")
    assert cache.status == "missing"
    assert "works without it" in cache.message
    assert find(found, "data:mnist")
    assert found.is_fit


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_extra_of_the_project_has_its_words(language):
    """The extras of pyproject.toml: those of an older installation may be fewer."""
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8"))
    extras = set(project["project"]["optional-dependencies"]) - {"all", "dev"}
    with use_language(language):
        found = examine([missing("base", installed="1"), *map(missing, sorted(extras))])
    assert {f"part:{extra}" for extra in extras} <= {one.name for one in found.findings}


def test_each_part_says_what_it_is_for():
    found = examine([missing("base", installed="1"), missing("train")])
    assert "learns from photos" in find(found, "part:base").message
    assert "it learns digits" in find(found, "part:train").message
    assert find(found, "part:train").to_json()["for"].startswith("learns digits")
