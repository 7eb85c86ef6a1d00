"""Nothing imagier reads can run code: a gate over the syntax trees of its own source.

Pickle, TorchScript and tar archives can carry programs; `eval` and the shell can be fed some. None
of them may appear in the source; the one exception is named below: the machine code of compiled
loops, which `code_store` authenticates before it reads a byte of it (tests/safety/test_cache.py).
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "imagier"
FILES = sorted([*SOURCE.rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")])
UNSAFE_MODULES = {
    "_pickle",
    "cloudpickle",
    "dill",
    "joblib",
    "jsonpickle",
    "marshal",
    "pickle",
    "pickletools",
    "shelve",
    "tarfile",
}
UNSAFE_CALLS = {
    "__import__",
    "compile",
    "eval",
    "exec",
    "os.popen",
    "os.system",
    "pandas.read_pickle",
    "shutil.unpack_archive",
    "torch.load",
    "torch.save",
    "yaml.load",
    "yaml.unsafe_load",
}
UNSAFE_PREFIXES = ("torch.jit.", "torch.hub.", "torch.package.", "numba.core.serialize.")
UNSAFE_METHODS = {"extractall"}  # of archives: a member may climb out of the folder
UNSAFE_ARGUMENTS = {"allow_pickle", "shell"}
COMPILERS = {"njit", "jit", "vectorize", "guvectorize"}  # numba's own cache is made of pickles
EXCEPTED = {"src/imagier/kmeans/code_store.py": ["uses numba.core.serialize"]}


def dangers(source):
    """List what a source text does that it must not."""
    tree = ast.parse(source)
    names = _full_names(tree)
    found = [
        f"imports {module}"
        for node in ast.walk(tree)
        for module in _imported(node)
        if module.split(".")[0] in UNSAFE_MODULES
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            name = _dotted(node, names)
            if name in UNSAFE_CALLS or f"{name}.".startswith(UNSAFE_PREFIXES):
                found.append(f"uses {name}")
        if isinstance(node, ast.Call):
            found += _dangerous_call(node)
    return sorted(set(found))


def _dangerous_call(call):
    if isinstance(call.func, ast.Attribute) and call.func.attr in UNSAFE_METHODS:
        yield f"calls .{call.func.attr}()"
    for argument in call.keywords:
        value = argument.value
        is_false = isinstance(value, ast.Constant) and value.value is False
        if argument.arg in UNSAFE_ARGUMENTS and not is_false:
            yield f"passes {argument.arg}"
        if argument.arg == "cache" and _last_name(call.func) in COMPILERS and not is_false:
            yield "keeps numba's pickles"


def _last_name(function):
    return getattr(function, "attr", getattr(function, "id", ""))


def _imported(node):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def _full_names(tree):
    """Map local names to what they were imported as: np -> numpy."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {a.asname or a.name.split(".")[0]: a.asname and a.name for a in node.names}
        if isinstance(node, ast.ImportFrom):
            names |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return {name: full for name, full in names.items() if full}


def _dotted(node, names):
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([names.get(node.id, node.id), *reversed(parts)])


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_source_is_safe(path):
    excepted = EXCEPTED.get(path.relative_to(ROOT).as_posix(), [])
    assert dangers(path.read_text("utf-8")) == excepted


@pytest.mark.parametrize(
    "unsafe",
    [
        "import pickle",
        "from pickle import loads",
        "import joblib.numpy_pickle",
        "def f():\n    import tarfile",
        "import torch\ntorch.load('x')",
        "from torch import load\nload('x')",
        "import torch as t\nt.jit.load('x')",
        "from torch.jit import script\nscript",
        "import numpy as np\nnp.load('x', allow_pickle=True)",
        "import numpy as np\nnp.load('x', allow_pickle=trust)",
        "eval('1')",
        "exec(code)",
        "import os\nos.system('ls')",
        "from os import system as go\ngo('ls')",
        "import subprocess\nsubprocess.run('ls', shell=True)",
        "archive.extractall('there')",
        "import numba\nnumba.njit(cache=True)(f)",
        "from numba import njit\nnjit(cache=keep)(f)",
        "from numba.core import serialize\nserialize.loads(x)",
        "from numba.core.serialize import loads\nloads(x)",
    ],
)
def test_the_gate_closes(unsafe):
    assert dangers(unsafe)


@pytest.mark.parametrize(
    "safe",
    [
        "import numpy as np\nnp.load('x', allow_pickle=False)",
        "import re\nre.compile('x')",
        "model.eval()",
        "session.load('x')",
        "import torch\ntorch.jitter",
    ],
)
def test_the_gate_lets_the_rest_through(safe):
    assert dangers(safe) == []


# Files that a user names are opened by `open_regular` and `read_regular`: no pipe blocks, no device
# fills the memory. These places open what is imagier's own, or what the system gives.
OWN_FILES = {
    "cache.py",
    "cost.py",  # counters of the system, below /sys
    "datasets/loading/cache_use.py",
    "datasets/loading/pack_store.py",
    "datasets/sources/download.py",  # a file of known size and hash
    "export/page_file.py",  # of the package
    "export/quantization.py",  # just written
    "export/eight_bits.py",  # likewise
    "features/efficientnet_lite.py",  # of an installed package, or of the cache
    "files.py",
    "i18n/catalogues.py",
    "images/opening.py",  # the bounded reader of pictures
    "kmeans/code_store.py",
    "local_key.py",
    "machine.py",
    "recognizer/prediction_memory.py",  # /proc/self/status
    "server/decoder.py",  # /proc/self/statm
    "server/docs_page.py",  # of this package
    "server/metrics.py",  # /proc/self/statm
    "training/checkpoints/folder.py",  # just written
}


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: path.name)
def test_files_of_users_are_opened_by_the_bounded_reader(path):
    if path.relative_to(SOURCE).as_posix() in OWN_FILES:
        return
    names = {
        node.func.attr
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    bare = {
        node.func.id
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not names & {"read_bytes", "read_text"}
    assert "open" not in bare
