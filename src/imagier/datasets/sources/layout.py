"""Where a picture's class stands in its path: the one rule for folders and for zip archives.

    photos/cat/1.jpg                  class cat
    photos/cat/garden/1.jpg           class cat: folders below a class folder make no difference
    photos/train/cat/1.jpg            class cat, part train; see `parts` for the spellings
    photos/photos/cat/1.jpg           a lone outer folder is looked through
    photos/train/cat/1.jpg, no more   a lone part is such an outer folder: the parts stay open

Anything that could be read in two ways is refused with what was seen: class folders and part
folders side by side, parts inside classes, the same class at two depths, class names that differ
only by capitals or by their way of writing accents.
"""

import posixpath
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from imagier.datasets.listing import Skipped, skip
from imagier.datasets.parts import PARTS, part_of, settle_parts
from imagier.datasets.sources.tree import Finds, Tree
from imagier.errors import DataError
from imagier.files import printable
from imagier.i18n import integer, t
from imagier.images.filenames import has_picture_ending, kind, passed_over_note

__all__ = ["Layout", "arrange"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The pictures of a tree of folders with what their paths say.

    Attributes:
        names: One path a picture, below the root.
        labels: One class name a picture.
        parts: One part a picture, empty where there is none.
        skipped: Pictures that stand in no class folder.
        notes: Sentences about empty folders and outer folders looked through.
    """

    names: tuple[str, ...]
    labels: tuple[str, ...]
    parts: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...]


def arrange(finds: Finds, *, path: str, hint: str = "") -> Layout:
    """Read classes and parts from the paths of pictures.

    Args:
        finds: The folders and their files.
        path: How the source is called in messages.
        hint: A sentence for the user when there are no class folders.

    Raises:
        DataError: `folder_empty`, `no_pictures`, `no_class_folders`, `parts_without_classes`,
            `parts_and_classes`, `parts_inside_classes`, `class_at_two_depths` or
            `class_names_alike`.
    """
    tree = Tree.of(finds.files)
    start, outer = _look_through(tree)
    if not tree.filled(start):
        raise _flat(tree, finds, path=path, hint=hint)
    roots = _class_roots(tree, start, path)
    for root in roots:
        _check_depths(tree, root, path)
    _check_alike([folder for root in roots for folder in tree.filled(root)])
    return _collect(tree, finds, roots, outer)


def _look_through(tree: Tree) -> tuple[str, list[str]]:
    """Go down as long as there is one folder only, with nothing but folders in it."""
    start = ""
    outer: list[str] = []
    while True:
        inner = tree.filled(start)
        if len(inner) != 1 or tree.pictures(start):
            return start, outer
        (only,) = inner
        if tree.files.get(only) or not tree.filled(only):
            return start, outer
        outer.append(start)
        start = only


def _flat(tree: Tree, finds: Finds, *, path: str, hint: str) -> DataError:
    """Say what is wrong with a source that has no folder with files in it."""
    n = len(tree.pictures(""))
    if n:
        return DataError("no_class_folders", path=path, n=n, count=integer(n), hint=hint)
    if not (finds.files.get("") or finds.passed_over or finds.skipped):
        return DataError("folder_empty", path=path)
    seen = "".join(" " + note for note in passed_over_note(finds.passed_over))
    seen += "".join(" " + each.message for each in finds.skipped[:1])
    return DataError("no_pictures", path=path, seen=seen, hint=hint)


def _class_roots(tree: Tree, start: str, path: str) -> dict[str, str]:
    """Find the folders whose sub-folders are classes, each with its part."""
    inside = tree.filled(start)
    named = {folder: part_of(posixpath.basename(folder)) for folder in inside}
    parts = {folder: part for folder, part in named.items() if part}
    with_classes = [folder for folder in parts if tree.filled(folder)]
    if len(parts) == len(inside):
        if not with_classes:
            raise _flat_parts(tree, inside, path)
        return dict(sorted(parts.items(), key=lambda item: PARTS.index(item[1])))
    if with_classes:
        others = [folder for folder in inside if folder not in with_classes]
        facts = {"parts": _listed(with_classes), "others": _listed(others)}
        raise DataError("parts_and_classes", path=path, **facts)
    return {start: ""}


def _flat_parts(tree: Tree, inside: Sequence[str], path: str) -> DataError:
    n = sum(len(tree.files.get(folder, ())) for folder in inside)
    return DataError(
        "parts_without_classes",
        path=path,
        n=n,
        count=integer(n),
        parts=_listed(inside),
        example=printable(inside[0]),
    )


def _check_depths(tree: Tree, root: str, path: str) -> None:
    """Refuse parts inside classes, and a class name at two depths or below two folders."""
    classes = tree.filled(root)
    inner = [(folder, child) for folder in classes for child in tree.filled(folder)]
    parts = {part_of(posixpath.basename(child)) for _, child in inner} - {""}
    if len(parts) > 1:
        raise DataError("parts_inside_classes", path=path, example=printable(classes[0]))
    first_at = {posixpath.basename(folder): folder for folder in classes}
    for folder, child in inner:
        if tree.files.get(folder):
            continue  # a class with pictures of its own; what is below belongs to it
        first = first_at.setdefault(posixpath.basename(child), child)
        if first != child:
            facts = {"first": printable(first), "second": printable(child)}
            raise DataError("class_at_two_depths", path=path, outer=printable(folder), **facts)


def _check_alike(folders: Iterable[str]) -> None:
    spelt: dict[str, str] = {}
    for folder in folders:
        name = posixpath.basename(folder)
        first = spelt.setdefault(_label(name).casefold(), name)
        if first != name:
            one, two = printable(first), printable(name)
            if _label(first) == _label(name):  # they look the same: show what differs
                one, two = ascii(first), ascii(name)
            raise DataError("class_names_alike", first=one, second=two)


def _collect(tree: Tree, finds: Finds, roots: Mapping[str, str], outer: Sequence[str]) -> Layout:
    names: list[str] = []
    labels: list[str] = []
    parts: list[str] = []
    for root, part in roots.items():
        for folder in tree.filled(root):
            before = len(names)
            for place in tree.walk(folder):
                names.extend(f"{place}/{name}" for name in tree.files.get(place, ()))
            labels += [_label(posixpath.basename(folder))] * (len(names) - before)
            parts += [part] * (len(names) - before)
    above = sorted({*outer, *roots, *(posixpath.dirname(root) for root in roots)})
    return Layout(
        names=tuple(names),
        labels=tuple(labels),
        parts=settle_parts(parts),
        skipped=(*finds.skipped, *_without_class(tree, above)),
        notes=(*_notes(tree, roots), *passed_over_note(_all_passed_over(tree, finds, above))),
    )


def _without_class(tree: Tree, folders: Iterable[str]) -> Iterable[Skipped]:
    for folder in folders:
        for name in tree.pictures(folder):
            yield skip("picture_without_class", posixpath.join(folder, name))


def _all_passed_over(tree: Tree, finds: Finds, folders: Iterable[str]) -> Mapping[str, int]:
    """Count also the files beside class folders whose names do not end as a picture's do."""
    beside = (name for folder in folders for name in tree.files.get(folder, ()))
    return finds.passed_over + Counter(
        kind(name) for name in beside if not has_picture_ending(name)
    )


def _notes(tree: Tree, roots: Mapping[str, str]) -> Iterable[str]:
    for root, part in roots.items():
        if root and not part:
            yield t("datasets.looked_through", folder=printable(root))
    empty = [child for root in roots for child in tree.empty(root)]
    if empty:
        yield t("datasets.empty_folders", n=len(empty), folders=_listed(empty))


def _label(folder: str) -> str:
    return printable(unicodedata.normalize("NFC", folder).strip() or folder)


def _listed(folders: Iterable[str]) -> str:
    names = [printable(folder) for folder in folders]
    return ", ".join(names[:6]) + (", …" if len(names) > 6 else "")
