"""The parts of a data set: training, validation and test, in the spellings people use.

A network learns on the first, its training is watched on the second, and it is judged once on the
third (deck chapter 4, “apprentissage, tests, exploitation”).
"""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

__all__ = ["PARTS", "PART_NAMES", "part_of", "settle_parts"]

PARTS = ("train", "validation", "test")
PART_NAMES = {
    "train": ("train", "training", "learn", "learning", "apprentissage", "entrainement"),
    "validation": ("val", "valid", "validation", "dev"),
    "test": ("test", "tests", "testing"),
}
_SPELLINGS = {spelling: part for part, spellings in PART_NAMES.items() for spelling in spellings}


@lru_cache(maxsize=256)
def part_of(name: str) -> str:
    """Tell which part a folder name or a table value means; an empty string where it means none.

    Upper case, accents and spaces around the name make no difference. The spellings are: train,
    training, learn, learning, apprentissage, entrainement; val, valid, validation, dev; test,
    tests, testing.

    >>> part_of("Entraînement"), part_of("VAL"), part_of("cat")
    ('train', 'validation', '')
    """
    letters = unicodedata.normalize("NFD", name.strip().casefold())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _SPELLINGS.get(bare, "")


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
