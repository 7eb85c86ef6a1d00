"""The folders of a tree that hold classes, each with its part, and those that only hold pictures.

    train/cat/1.jpg  test/cat/2.jpg              parts
    seg_train/seg_train/cat/1.jpg                the same, packed twice
    train/cat/1.jpg  test1/2.jpg                 what stands in test1 has no name
    train/cat/1.jpg  val/images/2.jpg            nor has what stands in val

Folders of pictures beside parts that hold classes are left out and said; pictures for training that
have no classes are refused, for no way of reading them is right.
"""

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from imagier.datasets.parts import PARTS, is_neutral, parts_of_siblings
from imagier.datasets.sources.tree import Tree
from imagier.errors import DataError
from imagier.files import printable
from imagier.i18n import integer

__all__ = ["ClassRoots", "find_roots", "listed", "part_of_places"]

TEST_FOLDERS = frozenset(("test", "tests", "testing", "validation", "val"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRoots:
    """Where the classes of a tree stand.

    Attributes:
        parts: The folders whose sub-folders are classes, each with its part, training first.
        unnamed: Folders of pictures that stand beside the parts or are one, without classes.
        apart: Folders beside the parts that hold parts of their own: sets apart.
        above: Folders above the classes, the roots among them: what stands there has no class.
    """

    parts: dict[str, str]
    unnamed: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    above: tuple[str, ...]


def find_roots(tree: Tree, path: str, *, hint: str = "") -> ClassRoots:
    """Find the folders whose sub-folders are classes.

    Args:
        tree: The folders; at least one holds files.
        path: How the source is called in messages.
        hint: A sentence for the user when there are no class folders.

    Raises:
        DataError: `parts_without_classes`, `parts_and_classes`, `parts_in_class_names`,
            `test_beside_classes` or `test_among_classes`.
    """
    start, outer = _look_through(tree, "")
    inside = tree.filled(start)
    parts = _parts(inside)
    known = _class_names(tree.filled(folder) for folder in parts)
    reached = {folder: _unpack(tree, folder, known) for folder in inside}
    named = _with_classes(tree, {folder: root for folder, (root, _) in reached.items()}, parts)
    several = len({parts[folder] for folder in parts}) > 1
    if not parts or not (named or several or len(parts) == len(inside)):
        _check_test_folder(inside, parts, path)
        return ClassRoots(parts={start: ""}, above=(*outer, start))
    learnt = [folder for folder in parts if parts[folder] == "train"]
    if not named or (learnt and not any(folder in named for folder in learnt)):
        _check_names(parts)
        flat = [folder for folder in parts if folder not in named]
        flat.sort(key=lambda folder: PARTS.index(parts[folder]))
        raise _without_classes(tree, flat, path, hint)
    apart = [one for one in inside if one not in parts and _holds_parts(tree, one)]
    others = [one for one in inside if one not in parts and one not in apart]
    if others and not (several and _are_flat(tree, [reached[one][0] for one in others])):
        raise _mixed(path, named, others, parts)
    roots = {reached[folder][0]: parts[folder] for folder in named}
    between = [place for folder in named for place in reached[folder][1]]
    return ClassRoots(
        parts=dict(sorted(roots.items(), key=lambda item: PARTS.index(item[1]))),
        unnamed=tuple(one for one in inside if one not in named and one not in apart),
        apart=tuple(apart),
        above=(*outer, start, *between, *roots),
    )


def part_of_places(tree: Tree) -> dict[str, str]:
    """Tell the part of each folder of a tree in which names, not folders, tell the classes."""
    start, _ = _look_through(tree, "")
    parts = _parts(tree.filled(start))
    if len(set(parts.values())) < 2:
        return {}
    return {place: part for folder, part in parts.items() for place in tree.walk(folder)}


def listed(folders: Iterable[str]) -> str:
    """Name up to six folders, on one line."""
    names = [printable(folder) for folder in folders]
    return ", ".join(names[:6]) + (", …" if len(names) > 6 else "")


def _look_through(tree: Tree, start: str) -> tuple[str, list[str]]:
    """Go down as long as there is one folder only, with nothing but folders in it."""
    outer: list[str] = []
    while only := _lone_folder(tree, start):
        outer.append(start)
        start = only
    return start, outer


def _unpack(tree: Tree, part: str, known: AbstractSet[str]) -> tuple[str, list[str]]:
    """Go down inside a part through lone folders that are no class.

    Such a folder is called as the one above, or by a word that says nothing, or holds several
    folders; and no other part has a class of its name.
    """
    outer: list[str] = []
    start = part
    while only := _lone_folder(tree, start):
        name, above = posixpath.basename(only), posixpath.basename(start)
        is_wrapping = name == above or is_neutral(name) or len(tree.filled(only)) > 1
        if name in known or not is_wrapping:
            break
        outer.append(start)
        start = only
    return start, outer


def _lone_folder(tree: Tree, folder: str) -> str:
    """Give the only folder in a folder, where both hold nothing but folders; else nothing."""
    inner = tree.filled(folder)
    if len(inner) != 1 or tree.pictures(folder):
        return ""
    return "" if tree.files.get(inner[0]) or not tree.filled(inner[0]) else inner[0]


def _parts(folders: Sequence[str]) -> dict[str, str]:
    told = parts_of_siblings([posixpath.basename(folder) for folder in folders])
    by_folder = {folder: told.get(posixpath.basename(folder), "") for folder in folders}
    return {folder: part for folder, part in by_folder.items() if part}


def _with_classes(tree: Tree, roots: dict[str, str], parts: dict[str, str]) -> list[str]:
    """Give the parts that hold class folders.

    A lone folder of pictures is a class where another part knows its name; where no part has
    several, if its name could be one. Else it is the pictures of a part that nobody named, as in
    `val/images/1.jpg`.
    """
    classes = {folder: tree.filled(roots[folder]) for folder in parts}
    known = _class_names(classes.values())

    def is_lone(children: Sequence[str]) -> bool:
        name = posixpath.basename(children[0])
        return len(children) == 1 and (name not in known if known else is_neutral(name))

    return [folder for folder, children in classes.items() if children and not is_lone(children)]


def _class_names(parts: Iterable[Sequence[str]]) -> set[str]:
    """Give the names of the class folders of those parts that have several."""
    several = (children for children in parts if len(children) > 1)
    return {posixpath.basename(child) for children in several for child in children}


def _are_flat(tree: Tree, folders: Iterable[str]) -> bool:
    """Tell whether none of the folders could hold classes: pictures alone, packed once at most."""
    return all(len(tree.filled(folder)) < 2 for folder in folders)


def _holds_parts(tree: Tree, folder: str) -> bool:
    """Tell whether a folder holds parts: a copy of the set in itself, or another set."""
    root, _ = _look_through(tree, folder)
    return len(set(_parts(tree.filled(root)).values())) > 1


def _check_test_folder(inside: Sequence[str], parts: Mapping[str, str], path: str) -> None:
    """Refuse `cat`, `dog`, `test`, all of pictures: to be told from cats, or to test with?"""
    tests = [one for one in parts if posixpath.basename(one).casefold() in TEST_FOLDERS]
    others = [one for one in inside if one not in tests]
    if tests and len(others) > 1:
        facts = {"test": printable(tests[0]), "others": listed(others)}
        raise DataError("test_among_classes", path=path, **facts)


def _mixed(
    path: str, named: Sequence[str], others: Sequence[str], parts: Mapping[str, str]
) -> DataError:
    learning = [folder for folder in named if parts[folder] == "train"]
    if not learning:
        facts = {"parts": listed(named), "others": listed(others)}
        return DataError("test_beside_classes", path=path, **facts)
    learnt, tested = (posixpath.join(path, found[0]) for found in (learning, others))
    return DataError(
        "parts_and_classes",
        path=path,
        parts=listed(named),
        others=listed(others),
        example=printable(others[0]),
        learnt=learnt,
        tested=tested,
    )


def _check_names(parts: dict[str, str]) -> None:
    """Refuse `cat_train`, `cat_test`, `dog_train`...: class and part in one name."""
    several = {part: [one for one, own in parts.items() if own == part] for part in parts.values()}
    most = max(several.values(), key=len)
    if len(several) > 1 and len(most) > 1 and all(len(each) > 1 for each in several.values()):
        raise DataError("parts_in_class_names", folders=listed(parts), example=printable(most[0]))


def _without_classes(tree: Tree, folders: Sequence[str], path: str, hint: str) -> DataError:
    n = sum(len(tree.files.get(place, ())) for folder in folders for place in tree.walk(folder))
    return DataError(
        "parts_without_classes",
        path=path,
        n=n,
        count=integer(n),
        parts=listed(folders),
        example=printable(folders[0]),
        hint=hint,
    )
