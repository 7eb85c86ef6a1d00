"""The parts of a data set: training, validation and test, in the spellings people use.

A network learns on the first, its training is watched on the second, and it is judged once on the
third (deck chapter 4, “apprentissage, tests, exploitation”).
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

__all__ = [
    "PARTS",
    "PART_NAMES",
    "are_kinds_of_files",
    "are_parts",
    "are_pieces",
    "is_neutral",
    "part_in",
    "part_of",
    "parts_of_siblings",
    "settle_parts",
]

PARTS = ("train", "validation", "test")
PART_NAMES = {
    "train": ("train", "training", "learn", "learning", "apprentissage", "entrainement"),
    "validation": ("val", "valid", "validation", "dev"),
    "test": ("test", "tests", "testing", "evaluation", "holdout"),
}
_SPELLINGS = {spelling: part for part, spellings in PART_NAMES.items() for spelling in spellings}
_AMONG_OTHERS = {  # words that say a part only where a folder beside says another part
    "train": (
        *("tr", "trn", "appr", "entrenamiento", "treino", "treinamento", "addestramento"),
        "trainings",  # Trainingsdaten
    ),
    "validation": ("vl", "validate", "validacion", "validacao", "convalida", "validierung"),
    "test": ("ts", "tst", "eval", "essai", "essais", "prueba", "pruebas", "teste", "prova"),
}
_WORDS_OF_PARTS = _SPELLINGS | {
    word: part for part, words in _AMONG_OTHERS.items() for word in words
}
_NEUTRAL = frozenset(
    (
        *("image", "images", "img", "imgs", "picture", "pictures", "pic", "pics", "photo"),
        *("photos", "jpg", "jpeg", "jpegs", "png", "frame", "frames", "crop", "crops", "raw"),
        *("set", "sets", "data", "dataset", "datasets", "split", "part", "folder", "dir"),
        *("sample", "samples", "full", "all", "new", "final", "original", "resized", "files"),
        *("jeu", "base", "ensemble", "dossier", "donnees", "de", "d", "du", "des", "l"),
        *("daten", "bilder", "datos", "dados", "dati", "conjunto", "imagenes", "imagens"),
    )
)
_KINDS = frozenset(
    (
        *("mask", "masks", "label", "labels", "annotation", "annotations", "trimap", "trimaps"),
        *("gt", "groundtruth", "ground", "truth", "masque", "masques"),
    )
)
_PIECES = frozenset(
    (
        *("part", "parts", "partie", "parties", "piece", "pieces", "chunk", "chunks", "batch"),
        *("batches", "fold", "folds", "subset", "shard", "volume", "archive", "folder", "dossier"),
        *("image", "images", "img", "imgs", "picture", "pictures", "photos", "data", "dir"),
    )
)
_WORD = re.compile(r"[^\W\d_]+")
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")  # trainImages: two words


@lru_cache(maxsize=256)
def part_of(name: str) -> str:
    """Tell which part a folder name or a table value means; an empty string where it means none.

    Upper case, accents and spaces around the name make no difference. The spellings are: train,
    training, learn, learning, apprentissage, entrainement; val, valid, validation, dev; test,
    tests, testing, evaluation, holdout.

    >>> part_of("Entraînement"), part_of("VAL"), part_of("cat")
    ('train', 'validation', '')
    """
    return _SPELLINGS.get(_bare(name.strip()), "")


def part_in(cell: str) -> str:
    """Tell which part a cell of a table means, among other words too; an empty string for none.

    >>> part_in("PublicTest"), part_in("eval"), part_in("train set"), part_in("cat")
    ('test', 'test', 'train', '')
    """
    return part_of(cell) or _part_among(cell)[0]


def are_parts(cells: Sequence[str]) -> bool:
    """Tell whether cells name parts, one of them by its usual name, and several parts.

    >>> are_parts(["Training", "PublicTest"]), are_parts(["test tube", "train station"])
    (True, False)
    """
    different = set(cells)
    parts = {part_in(cell) for cell in different}
    return "" not in parts and len(parts) > 1 and any(map(part_of, different))


def parts_of_siblings(names: Sequence[str]) -> dict[str, str]:
    """Tell which of the folders that stand side by side are parts: `train_images`, `test1`...

    A name that is a spelling of its own always is. One that holds a spelling among other words is
    so where another folder says the same of another part: in `seg_train`, `seg_test` both are
    parts, in `test_tube`, `train_station` neither, in `test1`, `test2` neither. Numbers, and words
    such as images or set, say nothing.

    Args:
        names: Names of folders that stand in one folder.

    Returns:
        The part of each name that means one.

    >>> parts_of_siblings(["train2017", "val2017", "cat"])
    {'train2017': 'train', 'val2017': 'validation'}
    >>> parts_of_siblings(["test_tube", "train_station"])
    {}
    """
    kin: dict[tuple[str, ...], dict[str, str]] = defaultdict(dict)
    for name in names:
        if part_of(name):
            kin[()][name] = part_of(name)
        else:
            part, others = _part_among(name)
            if part:
                kin[others][name] = part
    several = {others for others, parts in kin.items() if len(set(parts.values())) > 1}
    return {
        name: parts[name]
        for name in names
        for others, parts in kin.items()
        if name in parts and (others in several or part_of(name))
    }


def is_neutral(name: str) -> bool:
    """Tell whether a folder's name says nothing of what its pictures show: images, 2019, 64x64.

    >>> is_neutral("JPEGImages"), is_neutral("2019-07"), is_neutral("128x128"), is_neutral("cat")
    (True, True, True, False)
    """
    words = _words(re.sub(r"\d+[xX]\d+", "", name))
    return all(word in _NEUTRAL or _without_neutral(word) in _NEUTRAL for word in words)


def are_kinds_of_files(names: Sequence[str]) -> bool:
    """Tell whether folders side by side are called after kinds of files: images, masks, labels.

    >>> are_kinds_of_files(["images", "masks"]), are_kinds_of_files(["mask", "no mask"])
    (True, False)
    """
    words = [set(_words(name)) for name in names]
    return all(
        is_neutral(name) or each <= _KINDS for name, each in zip(names, words, strict=True)
    ) and (any(each and each <= _KINDS for each in words) and any(map(is_neutral, names)))


def are_pieces(names: Sequence[str]) -> bool:
    """Tell whether folders side by side are called as pieces of one set: part_1, part_2.

    >>> are_pieces(["images_001", "images_002"]), are_pieces(["class_1", "class_2"])
    (True, False)
    """
    words = {tuple(_words(name)) for name in names}
    (first, *others) = words
    return len(names) > 1 and not others and not _PIECES.isdisjoint(first)


def settle_parts(parts: Sequence[str]) -> tuple[str, ...]:
    """Set the parts aside where a source holds only one: a lone `train` says nothing about a test.

    >>> settle_parts(["train", "train"])
    ('', '')
    >>> settle_parts(["train", "test"])
    ('train', 'test')
    """
    if len(set(parts)) == 1:
        return ("",) * len(parts)
    return tuple(parts)


def _part_among(name: str) -> tuple[str, tuple[str, ...]]:
    """Find the one part among the words of a name, and the words that are left."""
    found, others = set(), []
    for word in _words(name):
        part = _WORDS_OF_PARTS.get(word) or _WORDS_OF_PARTS.get(_without_neutral(word))
        if part:
            found.add(part)
        elif word not in _NEUTRAL:
            others.append(word)
    return (found.pop(), tuple(others)) if len(found) == 1 else ("", ())


def _words(name: str) -> list[str]:
    return _WORD.findall(_bare(_CAPITAL.sub(" ", name)))


def _without_neutral(word: str) -> str:
    """Take a neutral word off the end or the front of a word: testset, imgtrain."""
    for part in sorted(_NEUTRAL, key=len, reverse=True):
        if len(part) > 2 and word.endswith(part):
            return word.removesuffix(part)
        if len(part) > 2 and word.startswith(part):
            return word.removeprefix(part)
    return word


def _bare(name: str) -> str:
    """Write a name without capitals and accents."""
    letters = unicodedata.normalize("NFD", name.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
