"""Sums and best paths, against all paths of small lines and against PyTorch's loss."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from imagier.reading.ctc import (
    best_alignment,
    best_alignments,
    log_probabilities,
    log_probability,
)
from tests.reading.enumeration import paths, spans, text_probabilities

SIZES = {"columns": st.integers(1, 6), "classes": st.integers(2, 4), "seed": st.integers(0, 10**6)}


def random_line(columns, classes, seed):
    return np.random.default_rng(seed).dirichlet(np.full(classes, 0.5), size=columns)


@settings(deadline=None, max_examples=60)
@given(**SIZES)
def test_the_sum_is_that_of_all_paths(columns, classes, seed):
    line = random_line(columns, classes, seed)
    expected = text_probabilities(line)
    texts = list(expected)
    found = np.exp(log_probabilities(line, texts))
    np.testing.assert_allclose(found, [expected[text] for text in texts], rtol=1e-10)
    assert found.sum() == pytest.approx(1.0)


@settings(deadline=None, max_examples=60)
@given(**SIZES)
def test_the_best_alignment_is_that_of_the_best_path(columns, classes, seed):
    line = random_line(columns, classes, seed)
    best = {}
    for path, text, probability in paths(line):
        best[text] = max(best.get(text, (0.0, ())), (probability, path))
    found = best_alignments(line, list(best))
    for text, alignment in zip(best, found, strict=True):
        assert alignment.tolist() == spans(best[text][1]), text


def test_the_sum_is_pytorchs_loss():
    generator = np.random.default_rng(3)
    lines = generator.dirichlet(np.full(11, 0.3), size=(40, 64))
    texts = [generator.integers(1, 11, size=length).tolist() for length in range(40)]
    texts[7] = [4] * 7
    loss = torch.nn.functional.ctc_loss(
        torch.tensor(np.log(lines)).transpose(0, 1),
        torch.tensor([number for text in texts for number in text]),
        torch.full((40,), 64),
        torch.tensor([len(text) for text in texts]),
        reduction="none",
    )
    np.testing.assert_allclose(-log_probabilities(lines, texts), loss.numpy(), rtol=1e-10)


def test_many_lines_at_once_are_as_one_by_one():
    generator = np.random.default_rng(4)
    lines = generator.dirichlet(np.ones(5), size=(6, 20))
    texts = [generator.integers(1, 5, size=length).tolist() for length in (3, 0, 7, 1, 5, 4)]
    at_once = log_probabilities(lines, texts)
    alignments = best_alignments(lines, texts)
    for line, text, value, alignment in zip(lines, texts, at_once, alignments, strict=True):
        assert log_probability(line, text) == pytest.approx(value)
        assert best_alignment(line, text).tolist() == alignment.tolist()
        assert alignment.shape == (len(text), 2)


def test_a_text_too_long_for_its_columns_cannot_be():
    line = np.full((3, 3), 1 / 3)
    assert np.isneginf(log_probability(line, [1, 1, 2]))
    assert log_probability(line, [1, 2, 1]) == pytest.approx(np.log(1 / 27))
    with pytest.raises(ValueError, match="no path"):
        best_alignment(line, [1, 1, 2])


def test_very_small_probabilities_do_not_vanish():
    line = np.full((400, 2), [1 - 1e-30, 1e-30])
    assert log_probability(line, [1] * 100) < -6000
    assert np.isfinite(log_probability(line, [1] * 100))
