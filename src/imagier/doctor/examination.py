"""The examination: one finding a line, each with the next step where something is to be done."""

import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from imagier.answers import Shown
from imagier.cache import cache_place
from imagier.doctor.parts import BASE, Part, list_parts
from imagier.errors import MachineError
from imagier.files import printable, version
from imagier.i18n import language, storage, t
from imagier.local_key import check_key_place
from imagier.machine import Machine, available_cores, describe_machine
from imagier.ownership import check_writable

if TYPE_CHECKING:
    from imagier.answers import AnswerFigure, AnswerTable

__all__ = ["Examination", "Finding", "examine"]

ENOUGH = 1_000_000_000  # bytes: what learning on a few thousand photos takes, in memory or on disk


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found about one thing.

    Attributes:
        name: What was looked at, the same in both languages.
        status: `ok`; `missing`, which may be as wished; or `problem`.
        message: What was found, in the user's language.
        next_step: What to type or do; "" when there is nothing to do.
        facts: The same finding for programs.
    """

    name: str
    status: Literal["ok", "missing", "problem"]
    message: str
    next_step: str = ""
    facts: dict[str, object] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """Give the finding as other programs read it."""
        card = {"name": self.name, "status": self.status, "message": self.message}
        return {**card, "next": self.next_step or None, **self.facts}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Examination(Shown):
    """All findings: the answer of `imagier doctor`.

    It shows itself with what Python brings, so that it can still be read where packages are
    missing.

    Attributes:
        findings: One about each thing, in the order in which they are read.
        notes: Nothing: the findings say it all.
        needed: Names of the findings in which there must be no problem.
    """

    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()
    needed: tuple[str, ...] = (f"part:{BASE}",)

    @property
    def is_fit(self) -> bool:
        """Whether imagier can work here, or with this model: no problem in what is needed."""
        return _is_fit(self.findings, self.needed)

    def lines(self) -> Iterator[str]:
        """Give one aligned line a finding, and its next step under it."""
        statuses = [t(f"doctor.status.{finding.status}") for finding in self.findings]
        names = [_title(finding.name) for finding in self.findings]
        wide, broad = max(map(len, statuses)), max(map(len, names))
        for finding, status, name in zip(self.findings, statuses, names, strict=True):
            yield f"{status.ljust(wide)}  {name.ljust(broad)}  {finding.message}"
            if finding.next_step:
                yield " " * (wide + broad + 4) + "→ " + finding.next_step

    def to_json(self) -> dict[str, object]:
        """Give the findings as other programs read them."""
        return {"fit": self.is_fit, "findings": [finding.to_json() for finding in self.findings]}

    def figures(self) -> "Mapping[str, AnswerFigure]":
        """Give no figure."""
        return {}

    def tables(self) -> "Mapping[str, AnswerTable]":
        """Give no table."""
        return {}


def examine(parts: Iterable[Part] | None = None) -> Examination:
    """Look at the installation, the machine, the folders and the language.

    Args:
        parts: The parts of imagier to look at; those of this installation unless given.
    """
    known = tuple(list_parts() if parts is None else parts)
    machine = describe_machine()
    base = [_part(part) for part in known if part.name == BASE]
    findings = (
        _imagier(),
        _python(),
        _system(machine),
        *((_cores(machine),) if _is_fit(base) else ()),
        _memory(machine),
        *base,
        *(_part(part) for part in known if part.name != BASE),
        _cache(),
        _disk(Path.cwd()),
        *(_data_sets() if _is_fit(base) else ()),
        _language(),
    )
    return Examination(findings=findings)


def _title(name: str) -> str:
    kind, _, rest = name.partition(":")
    return t(f"doctor.name.{kind}", name=rest)


def _is_fit(findings: Iterable[Finding], needed: tuple[str, ...] = (f"part:{BASE}",)) -> bool:
    return all(finding.name not in needed or finding.status != "problem" for finding in findings)


def _imagier() -> Finding:
    folder = Path(__file__).parent.parent
    facts: dict[str, object] = {"version": version(), "folder": printable(folder)}
    return Finding(name="imagier", status="ok", message=t("doctor.imagier", **facts), facts=facts)


def _python() -> Finding:
    number = ".".join(map(str, sys.version_info[:3]))
    facts: dict[str, object] = {"version": number, "program": printable(sys.executable)}
    return Finding(name="python", status="ok", message=t("doctor.python", **facts), facts=facts)


def _system(machine: Machine) -> Finding:
    facts: dict[str, object] = {"system": machine.system}
    return Finding(name="system", status="ok", message=machine.system, facts=facts)


def _cores(machine: Machine) -> Finding:
    cores = available_cores()
    facts: dict[str, object] = {"cores": cores, "processors": machine.processors}
    shown = t("doctor.cores", n=cores, all=machine.processors)
    return Finding(name="cores", status="ok", message=shown, facts=facts)


def _data_sets() -> list[Finding]:
    from imagier.datasets.sources.named import NAMED_SETS

    return [_data_set(name) for name in NAMED_SETS]


def _data_set(name: str) -> Finding:
    """Say where a named set stands; one that is absent is downloaded when it is asked for."""
    from imagier.datasets.sources.named import entry_to_give, find_named

    place = find_named(name)
    if place is not None:
        shown = printable(place)
        return Finding(name=f"data:{name}", status="ok", message=shown, facts={"place": shown})
    entry = entry_to_give(name)
    return Finding(
        name=f"data:{name}",
        status="missing",
        message=t("doctor.set_absent"),
        next_step=(
            t("doctor.set_not_offered.next", entry=entry)
            if entry
            else t("doctor.set_absent.next", name=name)
        ),
        facts={"place": None},
    )


def _memory(machine: Machine) -> Finding:
    facts: dict[str, object] = {"bytes": machine.memory, "free": machine.free_memory}
    if machine.memory is None:
        return Finding(name="memory", status="ok", message=t("doctor.memory_unknown"), facts=facts)
    free = machine.free_memory
    shown = t("doctor.memory", size=storage(machine.memory))
    if free is not None:
        shown += t("doctor.memory_free", size=storage(free))
    if free is not None and free < ENOUGH:
        step = t("doctor.memory.next")
        return Finding(name="memory", status="problem", message=shown, next_step=step, facts=facts)
    return Finding(name="memory", status="ok", message=shown, facts=facts)


def _part(part: Part) -> Finding:
    packages = {need.package: need.installed or None for need in part.requirements}
    facts: dict[str, object] = {"packages": packages, "for": t(f"doctor.use.{part.name}")}
    if not part.missing:
        shown = ", ".join(f"{need.package} {need.installed}" for need in part.requirements)
        shown = t("doctor.part", packages=shown, use=facts["for"])
        return Finding(name=f"part:{part.name}", status="ok", message=shown, facts=facts)
    shown = ", ".join(_lack(need.package, need.least, need.installed) for need in part.missing)
    return Finding(
        name=f"part:{part.name}",
        status="problem" if part.name == BASE else "missing",
        message=t("doctor.part_missing", packages=shown, use=facts["for"]),
        next_step=t("doctor.part.next", command=part.command),
        facts=facts,
    )


def _lack(package: str, least: str, installed: str) -> str:
    if installed:
        return t("doctor.too_old", package=package, installed=installed, least=least)
    return package


def _cache() -> Finding:
    """Look at the cache and the key of its compiled loops; neither is made."""
    try:
        folder = cache_place()
        check_writable(folder)
    except MachineError as error:
        if error.code == "no_home":
            shown = t("doctor.cache_none", reason=error.message)
            return Finding(name="cache", status="missing", message=shown, next_step=error.next_step)
        step = t("doctor.cache.next") if error.code == "cannot_write" else error.next_step
        return Finding(name="cache", status="problem", message=error.message, next_step=step)
    size = sum(_bytes_of(file) for file in folder.rglob("*"))
    facts: dict[str, object] = {"folder": printable(folder), "bytes": size}
    shown = t("doctor.cache", folder=printable(folder), size=storage(size))
    try:
        check_key_place()
    except MachineError as error:
        shown = t("doctor.cache_without_code", cache=shown, reason=error.message)
        step = error.next_step
        return Finding(name="cache", status="problem", message=shown, next_step=step, facts=facts)
    return Finding(name="cache", status="ok", message=shown, facts=facts)


def _bytes_of(file: Path) -> int:
    try:
        return file.lstat().st_size
    except OSError:
        return 0  # another imagier has just removed it


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    facts: dict[str, object] = {"folder": printable(folder), "free": free}
    shown = t("doctor.disk", folder=printable(folder), size=storage(free))
    if free < ENOUGH:
        step = t("doctor.disk.next")
        return Finding(name="disk", status="problem", message=shown, next_step=step, facts=facts)
    return Finding(name="disk", status="ok", message=shown, facts=facts)


def _language() -> Finding:
    variables = ("IMAGIER_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    source = next((name for name in variables if os.environ.get(name)), "")
    said = f"{source}={printable(os.environ[source])}" if source else t("doctor.default")
    facts: dict[str, object] = {"language": language(), "from": source or None}
    return Finding(
        name="language", status="ok", message=t("doctor.language", source=said), facts=facts
    )
