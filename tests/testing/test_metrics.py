import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as oracle

from imagier.testing.metrics import (
    class_rows,
    confusion,
    majority,
    score,
    top_confusions,
)


@st.composite
def answered(draw):
    """Draw labels and probabilities of some pictures; every class need not be there."""
    k, n = draw(st.integers(2, 6)), draw(st.integers(1, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    probabilities = rng.dirichlet(np.full(k, 0.5), n)
    return probabilities, rng.integers(0, draw(st.integers(1, k)), n)


@given(answered())
def test_the_score_is_that_of_scikit_learn(case):
    probabilities, labels = case
    k = probabilities.shape[1]
    predicted = probabilities.argmax(axis=1)
    found = score(probabilities, labels)
    assert found.n == len(labels)
    assert found.accuracy == pytest.approx(oracle.accuracy_score(labels, predicted))
    recalls = oracle.recall_score(
        labels, predicted, labels=np.unique(labels), average="macro", zero_division=0
    )
    assert found.balanced_accuracy == pytest.approx(recalls)
    clipped = np.maximum(probabilities, 1e-12)
    loss = oracle.log_loss(labels, clipped / clipped.sum(1, keepdims=True), labels=range(k))
    assert found.loss == pytest.approx(loss, rel=1e-6)


@given(answered())
def test_the_confusion_matrix_and_the_rows_are_those_of_scikit_learn(case):
    probabilities, labels = case
    k = probabilities.shape[1]
    predicted = probabilities.argmax(axis=1)
    counts = confusion(labels, predicted, k)
    np.testing.assert_array_equal(
        counts, oracle.confusion_matrix(labels, predicted, labels=range(k))
    )
    precision, recall, _, support = oracle.precision_recall_fscore_support(
        labels, predicted, labels=range(k), zero_division=0
    )
    for row, one, other, n in zip(
        class_rows(counts, [str(i) for i in range(k)]), precision, recall, support, strict=True
    ):
        assert row.n == n
        assert (row.precision or 0) == pytest.approx(one)
        assert (row.recall or 0) == pytest.approx(other)
        assert (row.recall is None) == (n == 0)
        assert (row.precision is None) == (row.answers == 0)


@given(answered(), st.integers(0, 2**32))
def test_renaming_the_classes_changes_no_figure(case, seed):
    probabilities, labels = case
    order = np.random.default_rng(seed).permutation(probabilities.shape[1])
    place = np.argsort(order)
    renamed = score(probabilities[:, order], place[labels])
    first = score(probabilities, labels)
    assert (renamed.n, renamed.correct, renamed.interval) == (
        first.n,
        first.correct,
        first.interval,
    )
    assert renamed.loss == pytest.approx(first.loss)
    assert renamed.balanced_accuracy == pytest.approx(first.balanced_accuracy)


def test_a_sure_and_wrong_answer_has_a_finite_loss():
    found = score(np.array([[1.0, 0.0]]), np.array([1]))
    assert found.loss == pytest.approx(27.631, abs=1e-3)


def test_a_row_names_what_its_class_is_most_taken_for():
    counts = np.array([[8, 2, 1], [0, 30, 0], [0, 0, 0]])
    few, good, absent = class_rows(counts, ["cat", "dog", "owl"])
    assert (few.confused_with, few.confused, few.few) == ("dog", 2, True)
    assert (good.confused_with, good.confused, good.few) == (None, 0, False)
    assert (absent.n, absent.recall, absent.interval) == (0, None, (0.0, 1.0))


def test_confusions_come_most_frequent_first_and_only_where_there_are_some():
    counts = np.array([[8, 2, 1], [0, 30, 0], [5, 0, 4]])
    found = top_confusions(counts, ["cat", "dog", "owl"], 10)
    assert [(one.given, one.answered, one.count, one.n) for one in found] == [
        ("owl", "cat", 5, 9),
        ("cat", "dog", 2, 11),
        ("cat", "owl", 1, 11),
    ]


def test_the_majority_is_the_share_of_the_most_frequent_class():
    assert majority(np.array([[1, 1], [5, 1]])) == (1, 0.75)
