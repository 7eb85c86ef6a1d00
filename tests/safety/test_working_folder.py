"""The current folder as an attacker would pack it: full of modules and settings, all of them traps.

Each command is started there. A module that is imported leaves its name behind; every file of the
folder that Python opens is written down, from its first moment on.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imagier.datasets.sources import named
from imagier.working_folder import without_settings

MODULES = (
    *("numpy", "torch", "click", "PIL", "onnxruntime", "onnx", "matplotlib", "numba", "scipy"),
    *("yaml", "rich", "jinja2", "safetensors", "pyarrow", "huggingface_hub", "sklearn", "llvmlite"),
    *("sitecustomize", "usercustomize", "conftest", "_ops", "_classes", "trap"),
    *("typing", "pathlib", "json", "tempfile", "random", "logging", "hashlib", "pickle", "yaml"),
)
LIBRARY = "[numba_extensions]\ninit = trap:init\n[matplotlib.backend]\nevil = trap\n"
SETTINGS = {
    ".numba_config.yaml": b"disable_jit: 1\ncache_locator_classes: trap.Locator\n",
    "matplotlibrc": b"backend: module://trap\n\xff\xfe no letters\n",
    "matplotlib/matplotlibrc": b"backend: module://trap\n",
    "evil-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n",
    "evil-1.0.dist-info/entry_points.txt": LIBRARY.encode(),
    "evil.pth": b"import trap\n",
    "evil.egg-link": b".\n",
    "pyvenv.cfg": b"home = .\ninclude-system-site-packages = true\n",
    "python._pth": b".\nimport site\n",
    "pyproject.toml": b"[tool.imagier]\nlang = 'fr'\n",
    "setup.cfg": b"[tool:imagier]\nlang = fr\n",
    "imagier.toml": b"lang = 'fr'\n",
    ".env": b"IMAGIER_LANG=fr\nORT_LOAD_CONFIG_FROM_MODEL=1\n",
    "onnxruntime.json": b'{"session_options": {}}',
    "ort_config.json": b'{"session_options": {}}',
    "torch.json": b"{}",
    "config.json": b"{}",
    "token": b"hf_evil",
    ".netrc": b"machine huggingface.co login evil password evil\n",
    "netrc": b"machine huggingface.co login evil password evil\n",
    "fonts.conf": b"<fontconfig/>",
    "stylelib/classic.mplstyle": b"backend: module://trap\n",
    "datasets/mnist/train-images-idx3-ubyte": b"evil",
    "datasets/mnist/train-labels-idx1-ubyte": b"evil",
    ".cache/imagier/compiled/x.loop": b"evil",
}
LOG = """
import os, sys
folder, log = os.path.realpath(os.environ["TRAPS"]), os.environ["TRAPS_LOG"]
handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
def watch(event, facts):
    if event == "open" and isinstance(facts[0], (str, bytes)):
        path = os.path.normpath(os.path.join(os.getcwd(), os.fsdecode(facts[0])))
        if path.startswith(folder):
            os.write(handle, os.fsencode(path[len(folder) + 1:]) + b"\\n")
sys.addaudithook(watch)
"""
COMMANDS = {
    "help": ["--help"],
    "doctor": ["doctor"],
    "cache": ["cache", "show"],
    "pixels": ["pixels", "IN/photo.png"],
    "network": ["network", "lenet"],
    "neuron": ["neuron", "--learn", "and", "--plot", "OUT.png"],
    "convolve": ["convolve", "IN/photo.png", "--kernel", "edges", "--plot", "OUT.png"],
    "derive": ["derive", "x^2", "--at", "3", "--plot", "OUT.png"],
    "descend": ["descend", "x^2+y^2", "--start", "4,2", "--plot", "OUT.svg"],
    "fit": ["fit", "IN/points.csv", "--y", "y", "--plot", "OUT.png"],
    "cluster": ["cluster", "IN/points.csv", "-k", "2", "--plot", "OUT.png"],
    "segment": ["segment", "IN/photo.png", "-k", "2", "--out", "OUT.png"],
    "palette": ["palette", "IN/photo.png", "-k", "4", "--out", "OUT.png"],
    "predict": ["predict", "MODEL", "IN/digit.png", "--csv", "OUT.csv"],
    "test": ["test", "MODEL", "digits", "--html", "OUT.html"],
}
RUNS = {
    "module": [sys.executable, "-m", "imagier"],
    "safe module": [sys.executable, "-P", "-m", "imagier"],
    "script": [str(Path(sys.executable).with_name("imagier"))],
}


class Place:
    """A folder of traps, what the commands are given, and what was caught."""

    def __init__(self, root, base):
        self.root, self.base = root, base
        self.traps = root / "traps"
        self.log = root / "log"

    def run(self, *words):
        """Run a program among the traps; give its answer and the traps that were opened."""
        self.log.write_bytes(b"")
        done = subprocess.run(
            [str(word) for word in words],
            cwd=self.traps,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        return done, sorted(set(self.log.read_text().split()))

    def command(self, run, words):
        for number in range(100):
            if not list(self.root.glob(f"out{number}.*")):
                break
        names = {"IN/": f"{self.root}/in/", "OUT": f"{self.root}/out{number}"}
        names["MODEL"] = f"{self.root}/digits.imagier"
        for name, place in names.items():
            words = [word.replace(name, place) for word in words]
        return self.run(*RUNS[run], *words)

    def caught(self):
        return sorted(path.name for path in (self.root / "ran").iterdir())

    def _environment(self):
        settings = {
            "XDG_CACHE_HOME": self.base / "cache",  # the loops that other tests have compiled
            "XDG_STATE_HOME": self.base / "state",
            "MPLCONFIGDIR": self.root / "matplotlib",
            "PYTHONPATH": os.pathsep.join([str(self.root / "watch"), *filter(None, sys.path)]),
            "TRAPS": self.traps,
            "TRAPS_LOG": self.log,
            "IMAGIER_LANG": "en",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        dropped = ("XDG_DATA_HOME", "XDG_DATA_DIRS", "MATPLOTLIBRC", "IMAGIER_DATA")
        kept = {name: value for name, value in os.environ.items() if name not in dropped}
        return kept | {name: str(value) for name, value in settings.items()}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    root = tmp_path_factory.mktemp("among traps")
    found = Place(root, tmp_path_factory.getbasetemp())
    for folder in ("in", "ran", "watch", "matplotlib"):
        (root / folder).mkdir()
    (root / "watch" / "sitecustomize.py").write_text(LOG)
    for name in MODULES:
        file = found.traps / f"{name}.py"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"open({str(root / 'ran' / name)!r}, 'w').close()\nraise SystemExit(66)\n")
    for name, content in SETTINGS.items():
        (found.traps / name).parent.mkdir(parents=True, exist_ok=True)
        (found.traps / name).write_bytes(content)
    generator = np.random.default_rng(0)
    photo = generator.integers(0, 256, (32, 32, 3), np.uint8)
    Image.fromarray(photo).save(root / "in" / "photo.png")
    Image.fromarray(photo[:8, :8, 0]).save(root / "in" / "digit.png")
    points = "".join(f"{x},{2 * x + x % 3}\n" for x in range(20))
    (root / "in" / "points.csv").write_text("x,y\n" + points)
    return found


@pytest.fixture(scope="module")
def model(place):
    """Learn among the traps too: with torch."""
    words = ["train", "digits", "--network", "linear", "--epochs", "1", "--out", "MODEL"]
    return place.command("module", words)


def test_nothing_is_caught_while_learning(place, model):
    done, opened = model
    assert done.returncode == 0, done.stderr
    assert (opened, place.caught()) == ([], [])


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_opens_anything_there(place, model, name):
    done, opened = place.command("module", COMMANDS[name])
    assert done.returncode == 0, done.stderr
    assert (opened, place.caught()) == ([], [])
    assert "Traceback" not in done.stderr
    assert "matplotlib" not in done.stderr


@pytest.mark.parametrize("run", ["safe module", "script"])
@pytest.mark.parametrize("name", ["help", "cluster", "descend", "predict"])
def test_nor_does_it_when_it_is_started_otherwise(place, model, name, run):
    """Here even an imagier that stands in the folder is none."""
    false = place.traps / "imagier.py"
    false.write_text(f"open({str(place.root / 'ran' / 'imagier')!r}, 'w').close()\n")
    try:
        done, opened = place.command(run, COMMANDS[name])
    finally:
        false.unlink()
    assert done.returncode == 0, done.stderr
    assert (opened, place.caught()) == ([], [])


def test_help_speaks_the_language_of_the_user(place):
    assert "Usage" in place.command("module", ["--help"])[0].stdout


@pytest.mark.parametrize(
    "modules",
    [
        "torch, onnxruntime, onnx, onnx.helper, safetensors.numpy",
        "PIL.Image, PIL.ImageDraw, click, rich.console, rich.progress, jinja2, scipy.optimize",
        "huggingface_hub, huggingface_hub.utils, yaml",
        "pyarrow, pyarrow.parquet",
    ],
)
def test_the_other_libraries_ask_for_nothing_there(place, modules):
    """Those that may be loaded as they are; an extra that is not installed has nothing to ask."""
    program = "import importlib\nfor name in {!r}.split(', '):\n    {}\n"
    load = "try: importlib.import_module(name)\n    except ModuleNotFoundError: pass"
    done, opened = place.run(sys.executable, "-P", "-c", program.format(modules, load))
    assert done.returncode == 0, done.stderr
    assert (opened, place.caught()) == ([], [])


def test_a_hub_that_is_asked_finds_no_token_and_no_settings_there(place):
    pytest.importorskip("huggingface_hub", reason="the extra `hf` is not installed")
    program = """
from imagier.features.hub import fetch
try:
    fetch("hf:nobody/nothing", endpoint="http://127.0.0.1:9")
except Exception:  # nobody answers there
    print("asked")
"""
    done, opened = place.run(sys.executable, "-P", "-c", program)
    assert done.stdout == "asked\n", done.stderr
    assert (opened, place.caught()) == ([], [])


# The traps are sharp


@pytest.mark.parametrize(
    ("program", "opened"),
    [("import numba", ".numba_config.yaml"), ("import matplotlib", "matplotlibrc")],
)
def test_the_libraries_themselves_would_open_them(place, program, opened):
    assert place.run(sys.executable, "-P", "-c", program)[1] == [opened]


def test_modules_there_would_be_imported(place):
    done, opened = place.run(sys.executable, "-c", "import numpy")
    assert done.returncode == 66
    assert "numpy.py" in opened
    assert place.caught() == ["numpy"]
    (place.root / "ran" / "numpy").unlink()


# Beside the commands


def test_numba_asks_for_no_file_when_it_compiles_later(place):
    """Each compilation asks anew, wherever the program has gone meanwhile."""
    program = """
import os, sys
os.chdir("/")
from imagier.kmeans.engine import compiled
loop = compiled("loops_of_a_test").add
print(loop(1, 2), len(loop.signatures))
os.chdir(os.environ["TRAPS"])
print(loop(1.5, 2.5), len(loop.signatures))
"""
    (place.root / "watch" / "loops_of_a_test.py").write_text(
        "from imagier.kmeans.engine import compile_loop\n"
        "@compile_loop\ndef add(a, b):\n    return a + b\n"
    )
    done, opened = place.run(sys.executable, "-P", "-c", program)
    assert done.stdout == "3 1\n4.0 2\n", done.stderr
    assert (opened, place.caught()) == ([], [])


def test_python_m_leaves_other_folders_where_they_are(place):
    """The folder is left out where `python -m` has put it, and only there."""
    program = (
        "import runpy, sys; sys.argv = ['imagier', '--version']; sys.path[:0] = ['/nowhere']\n"
        "try: runpy.run_module('imagier', run_name='__main__', alter_sys=True)\n"
        "except SystemExit: print(sys.path[0])"
    )
    done, _ = place.run(sys.executable, "-P", "-c", program)
    assert done.stdout.splitlines()[-1] == "/nowhere", done.stderr


def test_data_sets_of_the_system_are_not_looked_for_in_the_current_folder(place, monkeypatch):
    monkeypatch.chdir(place.traps)
    monkeypatch.setattr(named, "_SYSTEM_FOLDERS", ())
    for variable in ("IMAGIER_DATA", "XDG_DATA_DIRS"):
        monkeypatch.delenv(variable, raising=False)
    for home in ("", "."):
        monkeypatch.setenv("XDG_DATA_HOME", home)
        assert named.find_named("mnist") is None
    monkeypatch.setenv("XDG_DATA_DIRS", f":.:{place.traps}")
    assert named.find_named("mnist") == place.traps / "datasets" / "mnist"


def test_only_the_named_files_are_hidden_and_only_for_a_while(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("settings", "other"):
        (tmp_path / name).write_text("")
    exists = os.path.exists
    names = ("settings", "other", tmp_path / "settings", b"settings")
    with without_settings("settings"):
        assert [os.path.exists(name) for name in names] == [False, True, True, True]  # noqa: PTH110
        with without_settings("other"):
            assert [os.path.exists(name) for name in names] == [False, False, True, True]  # noqa: PTH110
        assert os.path.exists("other")  # noqa: PTH110
    assert os.path.exists is exists


def test_an_import_that_fails_leaves_nothing_hidden():
    exists = os.path.exists
    with pytest.raises(ModuleNotFoundError), without_settings("settings"):
        import there_is_no_such_module  # noqa: F401
    assert os.path.exists is exists
