"""What imagier needs and what of it is installed, read from the packages' own cards.

Nothing is imported: a package that is broken, or as heavy as PyTorch, is only looked up.
"""

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata

from imagier.i18n import shell_word

__all__ = ["Part", "Requirement", "list_parts"]

BASE = "base"
# PyTorch for processors alone: gigabytes less than the usual one, made for graphics cards
CPU_BUILDS = ["--extra-index-url", "https://download.pytorch.org/whl/cpu"]
_NOT_FOR_USERS = {"all", "dev"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One package that a part of imagier stands on.

    Attributes:
        package: Its name for pip.
        least: The oldest version that serves; "" when any does.
        installed: The version that is there; "" when none is.
    """

    package: str
    least: str
    installed: str

    @property
    def is_met(self) -> bool:
        """Whether a version that serves is installed."""
        return bool(self.installed) and _release(self.installed) >= _release(self.least)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of imagier that is installed at once: `base`, or an extra such as `train`.

    Attributes:
        name: Name of the extra, or `base`.
        requirements: The packages it stands on.
    """

    name: str
    requirements: tuple[Requirement, ...]

    @property
    def missing(self) -> tuple[Requirement, ...]:
        """The packages that are absent or too old."""
        return tuple(need for need in self.requirements if not need.is_met)

    @property
    def command(self) -> str:
        """What to type to install what is missing, for the Python that runs."""
        return _command(self.missing)

    def command_for(self, package: str) -> str:
        """What to type to install one of its packages alone, all that a single command needs."""
        return _command(need for need in self.requirements if need.package == package)


def list_parts(lines: list[str] | None = None) -> tuple[Part, ...]:
    """List the parts of imagier, the base first, with what is installed of each.

    Args:
        lines: Requirements as a package's card writes them; imagier's own unless given.

    >>> base = list_parts()[0]
    >>> base.name, "numpy" in [need.package for need in base.requirements]
    ('base', True)
    """
    needs: dict[str, list[Requirement]] = {BASE: []}
    for line in metadata.requires("imagier") or [] if lines is None else lines:
        need, _, condition = line.partition(";")
        extra = re.search(r"extra\s*==\s*['\"]([\w.-]+)['\"]", condition)
        name = extra[1] if extra else BASE
        if name not in _NOT_FOR_USERS and not need.startswith("imagier"):
            needs.setdefault(name, []).append(_read(need))
    return tuple(Part(name=name, requirements=tuple(found)) for name, found in needs.items())


def _command(requirements: Iterable[Requirement]) -> str:
    needs = list(requirements)
    words = [f'"{need.package}>={need.least}"' if need.least else need.package for need in needs]
    source = CPU_BUILDS if any(need.package == "torch" for need in needs) else []
    return " ".join([shell_word(sys.executable), "-m", "pip", "install", *source, *words])


def _read(need: str) -> Requirement:
    """Read `numpy>=2.0` or `jinja2 (>=3.1.6)`."""
    words = re.match(r"\s*([\w.-]+)[^><=~!]*(?:>=\s*([\w.]+))?", need)
    assert words is not None  # noqa: S101 - cards are written by the packaging tools
    return Requirement(package=words[1], least=words[2] or "", installed=_installed(words[1]))


def _installed(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _release(version: str) -> tuple[int, ...]:
    """Order versions by their numbers: 2.10 is after 2.9, and 2.6.0+cpu is 2.6."""
    numbers = re.match(r"\d+(?:\.\d+)*", version)
    release = [int(number) for number in numbers[0].split(".")] if numbers else []
    while release and release[-1] == 0:
        release.pop()
    return tuple(release)
