"""Texts to compose lines of: drawn at random, so that no order of characters is learnt by heart.

>>> draw = uniform_texts("0123456789", shortest=5)
>>> draw(np.random.default_rng(0)), draw(np.random.default_rng(0))
('86523', '86523')
"""

from collections.abc import Callable, Sequence

import numpy as np

from imagier.errors import UsageError

__all__ = ["TextSampler", "amount_texts", "listed_texts", "uniform_texts"]

TextSampler = Callable[[np.random.Generator], str]

ROUND = 0.4  # share of amounts that end in zeros


def uniform_texts(
    characters: Sequence[str], *, shortest: int, longest: int | None = None
) -> TextSampler:
    """Draw texts evenly: first their length, then each character.

    Args:
        characters: What they are made of.
        shortest: The least number of characters.
        longest: The greatest; None where all are of one length.

    Raises:
        UsageError: `text_characters`, without any; `text_length`, for lengths that make no sense.
    """
    most = shortest if longest is None else longest
    if not characters:
        raise UsageError("text_characters")
    if not 1 <= shortest <= most:
        raise UsageError("text_length", shortest=shortest, longest=most)

    def draw(generator: np.random.Generator) -> str:
        length = int(generator.integers(shortest, most + 1))
        return "".join(characters[one] for one in generator.integers(0, len(characters), length))

    return draw


def amount_texts(*, shortest: int = 2, longest: int = 7) -> TextSampler:
    """Draw whole amounts as people pay them: no zero in front, and often zeros at the end.

    >>> amount_texts(shortest=4, longest=4)(np.random.default_rng(1))
    '1579'
    """
    if not 1 <= shortest <= longest:
        raise UsageError("text_length", shortest=shortest, longest=longest)

    def draw(generator: np.random.Generator) -> str:
        length = int(generator.integers(shortest, longest + 1))
        digits = generator.integers(0, 10, length)
        digits[0] = generator.integers(1, 10)
        if generator.random() < ROUND:
            digits[int(generator.integers(1, length + 1)) :] = 0
        return "".join(map(str, digits.tolist()))

    return draw


def listed_texts(texts: Sequence[str]) -> TextSampler:
    """Draw texts out of a list, each as likely as the others.

    Raises:
        UsageError: `text_list_empty`.
    """
    if not texts:
        raise UsageError("text_list_empty")
    return lambda generator: texts[int(generator.integers(len(texts)))]
