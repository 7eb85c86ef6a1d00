"""Agreement against statsmodels, and against the coincidence matrix written out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.labelling.votes import agreement, make_votes


@st.composite
def tables(draw, *, has_gaps):
    items, annotators = draw(st.integers(2, 8)), draw(st.integers(2, 5))
    cell = st.sampled_from(["a", "b", "c", ""] if has_gaps else ["a", "b", "c"])
    return [[draw(cell) for _ in range(annotators)] for _ in range(items)]


def votes_of(table):
    rows = [
        (str(item), str(who), label)
        for item, labels in enumerate(table)
        for who, label in enumerate(labels)
        if label
    ]
    if len({label for *_, label in rows}) < 2:
        return None
    return make_votes(rows)


@given(tables(has_gaps=False))
def test_kappa_is_that_of_statsmodels(table):
    inter_rater = pytest.importorskip("statsmodels.stats.inter_rater")
    votes = votes_of(table)
    if votes is None:
        return
    assert agreement(votes).kappa == pytest.approx(inter_rater.fleiss_kappa(votes.counts))


@given(tables(has_gaps=True))
def test_alpha_is_that_of_the_coincidence_matrix(table):
    votes = votes_of(table)
    if votes is None:
        return
    labels = sorted({label for row in table for label in row if label})
    pairs = np.zeros((len(labels), len(labels)))
    for row in table:
        given_labels = [label for label in row if label]
        for one in range(len(given_labels)):
            for other in range(len(given_labels)):
                if one != other:
                    place = labels.index(given_labels[one]), labels.index(given_labels[other])
                    pairs[place] += 1 / (len(given_labels) - 1)
    found = agreement(votes)
    totals = pairs.sum(axis=0)
    whole = totals.sum()
    apart = whole * whole - np.square(totals).sum()
    if found is None:
        assert whole == 0
    elif apart == 0:
        assert found.alpha is None
    else:
        observed = whole - np.trace(pairs)
        assert found.alpha == pytest.approx(1 - (whole - 1) * observed / apart)


def test_full_agreement_and_none():
    full = agreement(
        make_votes([("1", "x", "a"), ("1", "y", "a"), ("2", "x", "b"), ("2", "y", "b")])
    )
    assert (full.kappa, full.alpha, full.strength) == (1.0, 1.0, "almost_perfect")
    against = agreement(
        make_votes([("1", "x", "a"), ("1", "y", "b"), ("2", "x", "b"), ("2", "y", "a")])
    )
    assert against.kappa == -1.0
    assert against.strength == "poor"
    assert agreement(make_votes([("1", "x", "a"), ("2", "y", "b")])) is None
