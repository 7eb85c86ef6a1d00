"""Best path and beam, against all texts of small lines."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagier.reading import Alphabet, beam_search, best_path, decode_lines
from imagier.reading.beam import grow_texts
from tests.reading.enumeration import text_probabilities

ABC = "abc"
SIZES = {"columns": st.integers(1, 6), "classes": st.integers(2, 4), "seed": st.integers(0, 10**6)}


class EvenLength:
    """Allows texts of an even length."""

    start = 0

    def step(self, state, _):
        return 1 - state

    def is_final(self, state):
        return state == 0


class OnlyText:
    """Allows one text."""

    start = ""

    def __init__(self, text):
        self.text = text

    def step(self, state, character):
        grown = state + character
        return grown if self.text.startswith(grown) else None

    def is_final(self, state):
        return state == self.text


def random_line(columns, classes, seed):
    line = np.random.default_rng(seed).dirichlet(np.full(classes, 0.5), size=columns)
    return line, Alphabet(characters=tuple(ABC[: classes - 1]))


def all_texts(line, alphabet):
    found = text_probabilities(line)
    return sorted(((p, alphabet.decode(text)) for text, p in found.items()), reverse=True)


@settings(deadline=None, max_examples=60)
@given(**SIZES)
def test_the_best_path_goes_through_the_best_classes(columns, classes, seed):
    line, alphabet = random_line(columns, classes, seed)
    path = line.argmax(axis=1)
    read = best_path(line, alphabet)
    merged = [number for place, number in enumerate(path) if not place or number != path[place - 1]]
    assert read.text == alphabet.decode([number for number in merged if number])
    assert read.probability == pytest.approx(
        dict(map(reversed, all_texts(line, alphabet)))[read.text]
    )
    for span in read.characters:
        columns_of_it = line[span.first : span.last + 1, alphabet.encode(span.character)[0]]
        assert span.probability == columns_of_it.max()
        assert set(path[span.first : span.last + 1]) == set(alphabet.encode(span.character))


@settings(deadline=None, max_examples=60)
@given(**SIZES)
def test_a_wide_beam_finds_the_best_texts_in_order(columns, classes, seed):
    line, alphabet = random_line(columns, classes, seed)
    expected = all_texts(line, alphabet)[:8]
    found = beam_search(line, alphabet, width=10_000, least=0.0, most=8)
    assert [read.probability for read in found] == pytest.approx([p for p, _ in expected])
    assert {read.text for read in found[:1]} == {expected[0][1]}


@settings(deadline=None, max_examples=60)
@given(**SIZES)
def test_with_a_rule_only_allowed_texts_are_found(columns, classes, seed):
    line, alphabet = random_line(columns, classes, seed)
    expected = [(p, text) for p, text in all_texts(line, alphabet) if len(text) % 2 == 0][:8]
    found = beam_search(line, alphabet, rule=EvenLength(), width=10_000, least=0.0, most=8)
    assert [read.probability for read in found] == pytest.approx([p for p, _ in expected])
    assert [len(read.text) % 2 for read in found] == [0] * len(found)


@settings(deadline=None, max_examples=100)
@given(**SIZES)
def test_a_text_above_one_half_is_the_best(columns, classes, seed):
    line, alphabet = random_line(columns, classes, seed)
    (read,) = decode_lines(line[np.newaxis], alphabet)
    if read.probability > 0.5:
        assert read.text == all_texts(line, alphabet)[0][1]


def test_a_rule_finds_what_the_beam_alone_would_drop():
    generator = np.random.default_rng(5)
    line = generator.dirichlet(np.full(4, 0.3), size=30)
    alphabet = Alphabet(characters=tuple(ABC))
    free = beam_search(line, alphabet, width=16, most=16)
    wanted = "abcabc"
    assert wanted not in {read.text for read in free}
    (read,) = beam_search(line, alphabet, rule=OnlyText(wanted), width=16, least=0.0)
    assert read.text == wanted
    assert read.probability < free[0].probability


@settings(deadline=None, max_examples=60)
@given(**SIZES)
def test_the_search_orders_texts_by_the_sums_of_their_paths(columns, classes, seed):
    line, alphabet = random_line(columns, classes, seed)
    sums = text_probabilities(line)
    grown = grow_texts(line, alphabet.characters, rule=None, width=10_000, least=0.0)
    found = [sums[tuple(text)] for text in grown]
    assert all(value >= after * (1 - 1e-9) for value, after in itertools.pairwise(found))
    assert len(found) == len({tuple(text) for text in grown})


def test_a_narrow_beam_reads_a_clear_line():
    line, text = clear_line(seed=6)
    alphabet = Alphabet(characters=tuple("0123456789"))
    found = beam_search(line, alphabet, width=4)
    assert found[0].text == text == best_path(line, alphabet).text
    assert found[0] == best_path(line, alphabet)
    assert sum(read.probability for read in found) <= 1 + 1e-9
    assert [read.probability for read in found] == sorted(
        (read.probability for read in found), reverse=True
    )


def test_single_precision_is_read_as_double_is():
    line, text = clear_line(seed=7)
    alphabet = Alphabet(characters=tuple("0123456789"))
    found = beam_search(line.astype(np.float32), alphabet)
    assert found[0].text == text
    assert 0.0 < found[0].probability <= 1.0


def test_what_is_not_allowed_and_certain_gives_nothing():
    line = np.zeros((4, 3))
    line[:, 1] = 1.0
    alphabet = Alphabet(characters=("a", "b"))
    assert beam_search(line, alphabet, rule=OnlyText("b")) == []
    assert [read.text for read in beam_search(line, alphabet)] == ["a"]


def test_no_line_gives_no_text():
    alphabet = Alphabet(characters=("a", "b"))
    assert decode_lines(np.zeros((0, 4, 3)), alphabet) == []


def clear_line(seed):
    """Give 64 columns that show five digits, each in two columns, and the digits."""
    generator = np.random.default_rng(seed)
    numbers = generator.integers(1, 11, size=5)
    scores = generator.normal(size=(64, 11))
    scores[:, 0] += 12
    for place, number in enumerate(numbers):
        scores[5 + 11 * place : 7 + 11 * place, 0] -= 12
        scores[5 + 11 * place : 7 + 11 * place, number] += 8
    line = np.exp(scores)
    return line / line.sum(axis=1, keepdims=True), "".join(str(number - 1) for number in numbers)
