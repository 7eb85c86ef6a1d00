"""A backbone by its name on the Hugging Face hub, kept in the cache under the hash of its revision.

Only the ONNX file and the settings of its levels are fetched; nothing is run but the checked graph.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imagier.cache import cache_folder
from imagier.errors import MachineError, UsageError
from imagier.features.foreign import SETTINGS
from imagier.files import printable
from imagier.i18n import shell_word

__all__ = ["Fetched", "fetch"]

NAME = re.compile(r"hf:([\w.-]+/[\w.-]+)(?:@([\w./-]+))?", re.ASCII)
USUAL = ("onnx/model.onnx", "model.onnx")
PACKAGE = "huggingface_hub"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A backbone's file on this machine, and the name that finds this very file again.

    Attributes:
        path: The ONNX file.
        name: `hf:owner/name@REVISION`, with the revision's hash in full.
    """

    path: Path
    name: str


def fetch(spec: str, *, endpoint: str | None = None) -> Fetched:
    """Fetch a backbone from the hub, or find it in the cache.

    Args:
        spec: `hf:owner/name`, or `hf:owner/name@REVISION` with a branch, a tag or a hash. What a
            full hash names is not asked for again once it is here.
        endpoint: Address of the hub; None for the public one.

    Raises:
        UsageError: `backbone_name`, when it is no such name; `backbone_no_onnx`.
        MachineError: `backbone_not_installed`; `backbone_download`, with the reason.
    """
    found = NAME.fullmatch(spec)
    if found is None:
        raise UsageError("backbone_name", name=printable(spec)[:80], near="")
    repository, revision = found[1], found[2]
    hub = _hub()
    if revision and (path := _kept(hub, repository, revision)):
        return Fetched(path=path, name=spec)
    try:
        return _download(hub, repository, revision, endpoint)
    except (UsageError, MachineError):
        raise
    except Exception as error:  # the hub's transport raises errors of its own, by its version
        reason = printable(str(error).strip().split("\n")[0])[:160]
        raise MachineError("backbone_download", name=f"hf:{repository}", reason=reason) from error


def _hub() -> Any:
    try:
        import huggingface_hub
        import huggingface_hub.errors
        import huggingface_hub.utils
    except ModuleNotFoundError as error:
        command = f"{shell_word(sys.executable)} -m pip install {PACKAGE}"
        raise MachineError("backbone_not_installed", package=PACKAGE, command=command) from error
    return huggingface_hub


def _kept(hub: Any, repository: str, revision: str) -> Path | None:
    """Find the file of a full hash in the cache."""
    if not re.fullmatch(r"[0-9a-f]{40}", revision):
        return None
    for file in USUAL:
        path = hub.try_to_load_from_cache(
            repository, file, cache_dir=cache_folder("backbones", "hub"), revision=revision
        )
        if isinstance(path, str):
            return Path(path)
    return None


def _download(hub: Any, repository: str, revision: str | None, endpoint: str | None) -> Fetched:
    info = hub.HfApi(endpoint=endpoint).model_info(repository, revision=revision)
    names = [sibling.rfilename for sibling in info.siblings or ()]
    wanted = _choose(names, repository)
    facts = {
        "revision": info.sha,
        "endpoint": endpoint,
        "cache_dir": cache_folder("backbones", "hub"),
    }
    hub.utils.disable_progress_bars()  # progress is told by whoever shows the run
    if SETTINGS in names:
        hub.hf_hub_download(repository, SETTINGS, **facts)
    path = Path(hub.hf_hub_download(repository, wanted, **facts))
    return Fetched(path=path, name=f"hf:{repository}@{info.sha}")


def _choose(names: list[str], repository: str) -> str:
    files = [name for name in names if name.endswith(".onnx")]
    for usual in USUAL:
        if usual in files:
            return usual
    if len(files) != 1:
        there = ", ".join(map(printable, files[:5])) or "-"
        raise UsageError("backbone_no_onnx", name=f"hf:{repository}", there=there)
    return files[0]
