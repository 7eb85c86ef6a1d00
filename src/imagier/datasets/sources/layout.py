"""Where a picture's class stands in its path: the one rule for folders and for zip archives.

    photos/cat/1.jpg                  class cat
    photos/cat/garden/1.jpg           class cat: folders below a class folder make no difference
    photos/train/cat/1.jpg            class cat, part train; see `part_folders`
    photos/photos/cat/1.jpg           a lone outer folder is looked through
    photos/train/cat/1.jpg, no more   a lone part is such an outer folder: the parts stay open
    photos/cat_1.jpg                  class cat where `--label-from` says how names tell it

Anything that could be read in two ways is refused with what was seen: class folders and part
folders side by side, parts inside classes, the same class at two depths, class names that differ
only by their way of writing accents, or words by their capitals.
"""

import posixpath
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from imagier.datasets.listing import Skipped, links_note, skip
from imagier.datasets.name_patterns import find_in_names, propose_label_pattern
from imagier.datasets.parts import (
    are_kinds_of_files,
    are_pieces,
    is_neutral,
    parts_of_siblings,
    settle_parts,
)
from imagier.datasets.sources.part_folders import ClassRoots, find_roots, listed, part_of_places
from imagier.datasets.sources.tree import Finds, Tree
from imagier.errors import DataError, UsageError
from imagier.files import natural_key, printable
from imagier.i18n import integer, t
from imagier.images.filenames import has_picture_ending, kind, passed_over_note

__all__ = ["Layout", "arrange"]

INNER = "([^/]+)/[^/]+$"  # the pattern by which the folder a picture stands in is its class


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


def arrange(
    finds: Finds,
    *,
    path: str,
    hint: str = "",
    neighbours: tuple[str, Sequence[str]] | None = None,
    label_from: str | None = None,
) -> Layout:
    """Read classes and parts from the paths of pictures.

    Args:
        finds: The folders and their files.
        path: How the source is called in messages.
        hint: A sentence for the user when there are no class folders.
        neighbours: Where this may be the folder of one class: the folder above, and the others.
        label_from: A regular expression that finds the class in a file's name; the folders then
            tell the part alone.

    Raises:
        DataError: `folder_empty`, `no_pictures`, `no_class_folders`, `class_folder_given`,
            `folders_of_files`, `folders_of_pieces`,
            `parts_without_classes`, `parts_and_classes`, `parts_in_class_names`,
            `parts_inside_classes`, `class_at_two_depths` or `class_names_alike`.
        UsageError: `label_pattern`, `label_pattern_unmatched` or `pattern_slow`.
    """
    tree = Tree.of(finds.files)
    hint = hint or _table_hint(finds, path) or _names_hint(tree)
    if not tree.filled("") and not (label_from and tree.pictures("")):
        raise _flat(tree, finds, path=path, hint=hint, neighbours=neighbours)
    if label_from is not None:
        return _by_names(tree, finds, label_from)
    roots = find_roots(tree, path, hint=hint)
    for root in roots.parts:
        _check_depths(tree, root, path)
    folders = [folder for root in roots.parts for folder in tree.filled(root)]
    classes = list(dict.fromkeys(map(posixpath.basename, folders)))
    if are_kinds_of_files(classes):
        raise DataError("folders_of_files", path=path, folders=listed(classes), hint=hint)
    if are_pieces(classes):
        inner = _telling_inner_folders(tree, folders)
        more = t("datasets.inner_classes", inner=listed(inner), pattern=INNER) if inner else ""
        facts = {"folders": listed(classes), "hint": f" {more}" if more else hint}
        raise DataError("folders_of_pieces", path=path, **facts)
    alike = _alike(folders)
    return _collect(tree, finds, roots, notes=_notes(tree, finds, roots, alike, path))


def _flat(
    tree: Tree, finds: Finds, *, path: str, hint: str, neighbours: tuple[str, Sequence[str]] | None
) -> DataError:
    """Say what is wrong with a source that has no folder with files in it."""
    n = len(tree.pictures(""))
    if n and neighbours is not None and not hint:
        above, beside = neighbours
        facts = {"n": n, "count": integer(n), "beside": listed(beside), "above": above}
        return DataError("class_folder_given", path=path, **facts)
    if n:
        return DataError("no_class_folders", path=path, n=n, count=integer(n), hint=hint)
    if not (finds.files.get("") or finds.passed_over or finds.skipped):
        return DataError("folder_empty", path=path)
    links = links_note(finds.skipped, before=" ")
    seen = "".join(" " + note for note in passed_over_note(finds.passed_over))
    seen += "".join(" " + each.message for each in finds.skipped[:1] if not links)
    seen += links
    return DataError("no_pictures", path=path, seen=seen, hint=hint)


def _table_hint(finds: Finds, path: str, folder: str = "", *, is_tested: bool = False) -> str:
    """Name a table in a folder, or beside it and called alike, that may say what is in it."""
    inside = f"{folder}/" if folder else ""
    beside = f"{folder}.".casefold()
    tables = [
        name
        for name in finds.tables
        if name.startswith(inside) or name.casefold().startswith(beside)
    ]
    if not tables:
        return ""
    table = min(tables, key=_is_no_list_of_names)
    key = "datasets.table_for_test" if is_tested else "datasets.table_beside"
    return " " + t(key, table=posixpath.join(path, table))


def _is_no_list_of_names(table: str) -> tuple[bool, bool, int]:
    """Put first what is called after training or labels, and last what is to be filled in."""
    name = posixpath.basename(table).casefold()
    filled_in = any(word in name for word in ("submission", "sample", "test"))
    named = any(word in name for word in ("train", "label", "annot", "class"))
    return filled_in, not named, table.count("/")


def _names_hint(tree: Tree) -> str:
    """Propose a pattern where names of files, at least those to learn from, tell classes."""
    part_of = part_of_places(tree)
    learnt = [
        name for place in part_of if part_of[place] == "train" for name in tree.pictures(place)
    ]
    names = [name for place in tree.files for name in tree.pictures(place)]
    found = propose_label_pattern(names) or propose_label_pattern(learnt)
    if found is None:
        return ""
    labels = listed(found.labels)
    return " " + t("datasets.names_tell_classes", labels=labels, pattern=found.pattern)


def _by_names(tree: Tree, finds: Finds, pattern: str) -> Layout:
    """Take the classes from the names of files; whatever a name does not tell is left out."""
    part_of = part_of_places(tree)
    names = [
        posixpath.join(place, name)
        for place in sorted(tree.files, key=natural_key)
        for name in tree.files[place]
    ]
    labels = [_label(label) if label else "" for label in find_in_names(names, pattern, "label")]
    if not any(labels):
        example = printable(posixpath.basename(names[0])) if names else ""
        raise UsageError("label_pattern_unmatched", pattern=printable(pattern), name=example)
    kept = [row for row, label in enumerate(labels) if label]
    parts = [part_of.get(posixpath.dirname(names[row]), "") for row in kept]
    unmatched = [
        skip("label_unmatched", name)
        for name, label in zip(names, labels, strict=True)
        if not label and has_picture_ending(name)
    ]
    note = t("datasets.labels_unmatched", n=len(unmatched), count=integer(len(unmatched)))
    return Layout(
        names=tuple(names[row] for row in kept),
        labels=tuple(labels[row] for row in kept),
        parts=settle_parts(parts) if all(parts) else ("",) * len(kept),
        skipped=(*finds.skipped, *unmatched),
        notes=(
            *((note,) if unmatched else ()),
            *filter(None, [links_note(finds.skipped)]),
            *passed_over_note(finds.passed_over),
        ),
    )


def _check_depths(tree: Tree, root: str, path: str) -> None:
    """Refuse parts inside classes, and the name of a class inside another class."""
    classes = tree.filled(root)
    inner = [(folder, child) for folder in classes for child in tree.filled(folder)]
    parts = parts_of_siblings(list(dict.fromkeys(posixpath.basename(child) for _, child in inner)))
    if len(set(parts.values())) > 1:
        raise DataError("parts_inside_classes", path=path, example=printable(classes[0]))
    at_top = {posixpath.basename(folder): folder for folder in classes}
    for folder, child in inner:
        if tree.files.get(folder):
            continue  # a class with pictures of its own; what is below belongs to it
        first = at_top.get(posixpath.basename(child))
        if first is not None and first != folder:
            facts = {"first": printable(first), "second": printable(child)}
            raise DataError("class_at_two_depths", path=path, outer=printable(folder), **facts)


def _alike(folders: Iterable[str]) -> list[str]:
    """Refuse class names that look the same; give single letters that differ by capitals: A, a."""
    spelt: dict[str, str] = {}
    letters: list[str] = []
    for folder in folders:
        name = posixpath.basename(folder)
        label = _label(name)
        first = spelt.setdefault(label.casefold(), name)
        if first == name:
            continue
        if len(label) == 1 and _label(first) != label:
            letters += [f"{_label(first)}/{label}"]
            continue
        one, two = printable(first), printable(name)
        if _label(first) == label:  # they look the same: show what differs
            one, two = ascii(first), ascii(name)
        raise DataError("class_names_alike", first=one, second=two)
    return list(dict.fromkeys(letters))


def _collect(tree: Tree, finds: Finds, roots: ClassRoots, *, notes: Iterable[str]) -> Layout:
    names: list[str] = []
    labels: list[str] = []
    parts: list[str] = []
    for root, part in roots.parts.items():
        for folder in tree.filled(root):
            before = len(names)
            for place in tree.walk(folder):
                names.extend(f"{place}/{name}" for name in tree.files.get(place, ()))
            labels += [_label(posixpath.basename(folder))] * (len(names) - before)
            parts += [part] * (len(names) - before)
    beside = (*roots.unnamed, *roots.apart)
    unnamed = [place for folder in beside for place in tree.walk(folder)]
    above = sorted({*roots.above, *unnamed})
    return Layout(
        names=tuple(names),
        labels=tuple(labels),
        parts=settle_parts(parts),
        skipped=(*finds.skipped, *_without_class(tree, above)),
        notes=(
            *notes,
            *filter(None, [links_note(finds.skipped)]),
            *passed_over_note(_all_passed_over(tree, finds, above)),
        ),
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


def _notes(
    tree: Tree, finds: Finds, roots: ClassRoots, alike: Sequence[str], path: str
) -> Iterable[str]:
    for root, part in roots.parts.items():
        if root and not part:
            yield t("datasets.looked_through", folder=printable(root))
    for folder in roots.unnamed:
        yield _unnamed_note(tree, finds, folder, path)
    if roots.apart:
        yield t("datasets.sets_apart", n=len(roots.apart), folders=listed(roots.apart))
    empty = [child for root in roots.parts for child in tree.empty(root)]
    if empty:
        yield t("datasets.empty_folders", n=len(empty), folders=listed(empty))
    if alike:
        yield t("datasets.labels_alike", labels="; ".join(alike))
    classes = [folder for root in roots.parts for folder in tree.filled(root)]
    inner = _telling_inner_folders(tree, classes)
    if inner:
        facts = {"classes": listed(map(posixpath.basename, classes)), "pattern": INNER}
        yield t("datasets.inner_folders", inner=listed(inner), **facts)


def _unnamed_note(tree: Tree, finds: Finds, folder: str, path: str) -> str:
    n = sum(len(tree.pictures(place)) for place in tree.walk(folder))
    note = t("datasets.unnamed_pictures", folder=printable(folder), n=n, count=integer(n))
    siblings = tree.filled(posixpath.dirname(folder))
    parts = parts_of_siblings([posixpath.basename(one) for one in siblings])
    is_tested = parts.get(posixpath.basename(folder), "train") != "train"
    return note + _table_hint(finds, path, folder, is_tested=is_tested)


def _telling_inner_folders(tree: Tree, classes: Sequence[str]) -> list[str]:
    """Give the names of folders inside classes which could be classes themselves.

    Folders that each class has alike, or whose names say nothing (images, 2019), could not.
    """
    inside = [
        [name for name in map(posixpath.basename, tree.filled(folder)) if _tells(name, folder)]
        for folder in classes
        if not tree.files.get(folder)
    ]
    names = list(dict.fromkeys(name for each in inside for name in each))
    return names if len(names) > 1 and sum(map(bool, inside)) > 1 else []


def _tells(name: str, folder: str) -> bool:
    return not is_neutral(name) and name != posixpath.basename(folder)


def _label(folder: str) -> str:
    return printable(unicodedata.normalize("NFC", folder).strip() or folder)
