"""Names that are wrong are found by what recognisers say that had not learnt from them."""

import numpy as np

from imagier.auditing import find_label_errors


def answers(labels, classes, *, right=0.8, seed=0):
    """Make probabilities of a recogniser that knows the true classes with some noise."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1, (len(labels), classes))
    logits[np.arange(len(labels)), labels] += 4 * right
    shares = np.exp(logits)
    return shares / shares.sum(axis=1, keepdims=True)


def test_planted_errors_come_first():
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 5, 1000)
    flipped = rng.choice(1000, 30, replace=False)
    given = truth.copy()
    given[flipped] = (truth[flipped] + 1) % 5
    found = find_label_errors(answers(truth, 5), given)
    assert np.isin(flipped, found.ranking[:60]).mean() >= 0.9
    assert (found.suggested[flipped] == truth[flipped]).mean() >= 0.9
    assert found.is_suspected[flipped].mean() >= 0.7
    assert found.share < 0.1


def test_sure_and_right_answers_are_not_suspected():
    labels = np.array([0, 1, 2] * 5)
    found = find_label_errors(np.eye(3)[labels], labels)
    assert not found.is_suspected.any()
    assert found.scores.max() < 0.01


def test_each_class_has_its_own_threshold():
    """0.6 is sure where a class never gets more, and not where it usually gets 0.95."""
    sure = np.tile([0.95, 0.05], (20, 1))
    weak = np.tile([0.45, 0.55], (20, 1))
    odd = np.array([[0.4, 0.6], [0.6, 0.4]])
    labels = np.array([0] * 20 + [1] * 20 + [0, 1])
    found = find_label_errors(np.concatenate([sure, weak, odd]), labels)
    assert found.is_suspected[-2:].tolist() == [True, False]


def test_a_class_without_pictures_is_suggested_to_nobody():
    said = np.array([[0.2, 0.1, 0.7], [0.9, 0.1, 0.0], [0.2, 0.8, 0.0], [0.1, 0.9, 0.0]])
    assert not find_label_errors(said, np.array([0, 0, 1, 1])).is_suspected.any()
