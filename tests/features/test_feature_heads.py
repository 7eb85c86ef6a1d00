"""The head is at the lowest point of its error, and the strength is the best on validation."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from imagier.features import fit_head

CLASSES = 3


def clouds(n, *, seed, columns=20, apart=1.2):
    """Draw features of three overlapping classes, of very different spreads, some useless."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, CLASSES, n)
    middles = np.random.default_rng(9).normal(size=(CLASSES, columns)) * apart
    middles[:, columns // 2 :] = 0
    mixing = np.random.default_rng(8).normal(size=(columns, columns))
    scales = np.logspace(-2, 2, columns)
    features = (middles[labels] + rng.normal(size=(n, columns))) @ mixing * scales + 5
    return features.astype(np.float32), labels.astype(np.int64)


TRAIN, LABELS = clouds(600, seed=1)
VALIDATION, ANSWERS = clouds(300, seed=2)
EVEN = [1.0] * CLASSES


def fit(strengths, *, train=TRAIN, labels=LABELS, class_weights=EVEN):
    return fit_head(
        [train], VALIDATION, labels, ANSWERS, class_weights=class_weights, strengths=strengths
    )


def logits(head, features):
    return features.astype(np.float64) @ head.weights.T + head.bias


@pytest.mark.parametrize("strength", [1.0, 0.1, 0.003])
def test_it_agrees_with_scikit_learn(strength):
    head = fit([strength]).head
    mean, spread = TRAIN.mean(axis=0), TRAIN.std(axis=0)
    other = LogisticRegression(C=1 / (strength * len(TRAIN)), max_iter=5000, tol=1e-8)
    other.fit((TRAIN - mean) / spread, LABELS)
    expected = other.predict_proba((VALIDATION - mean) / spread)
    found = np.exp(logits(head, VALIDATION))
    np.testing.assert_allclose(found / found.sum(axis=1, keepdims=True), expected, atol=0.01)


def test_the_strength_is_the_best_on_validation():
    fitted = fit([30.0, 1.0, 0.1, 0.01])
    assert fitted.best.validation_accuracy == max(t.validation_accuracy for t in fitted.trials)
    right = (logits(fitted.head, VALIDATION).argmax(axis=1) == ANSWERS).mean()
    assert right == pytest.approx(fitted.best.validation_accuracy)


def test_it_stops_when_weaker_strengths_no_longer_help():
    noise = np.random.default_rng(0).normal(size=(60, 200)).astype(np.float32)
    labels = np.random.default_rng(1).integers(0, CLASSES, 60)
    fitted = fit_head(
        [noise],
        noise[:30][::-1].copy(),
        labels,
        np.full(30, np.bincount(labels).argmax()),
        class_weights=EVEN,
        strengths=np.logspace(2, -6, 30).tolist(),
    )
    assert len(fitted.trials) < 30


def test_the_same_features_give_the_same_head():
    first, second = (fit([0.1, 0.01]).head for _ in range(2))
    np.testing.assert_array_equal(first.weights, second.weights)
    np.testing.assert_array_equal(first.bias, second.bias)


def test_half_precision_is_enough():
    rounded = TRAIN.astype(np.float16)
    accuracy = fit([0.03]).best.validation_accuracy
    assert abs(fit([0.03], train=rounded).best.validation_accuracy - accuracy) <= 0.01


def test_a_class_that_counts_more_is_named_more_often():
    even = logits(fit([0.1]).head, VALIDATION).argmax(axis=1)
    heavy = logits(fit([0.1], class_weights=[10, 1, 1]).head, VALIDATION).argmax(axis=1)
    assert (heavy == 0).sum() > (even == 0).sum()


def test_views_are_more_rows():
    doubled = fit_head(
        [TRAIN, TRAIN], VALIDATION, LABELS, ANSWERS, class_weights=EVEN, strengths=[0.1]
    )
    np.testing.assert_allclose(
        logits(doubled.head, VALIDATION), logits(fit([0.1]).head, VALIDATION), atol=0.02
    )


def test_more_features_than_pictures():
    rng = np.random.default_rng(0)
    train = np.maximum(rng.normal(size=(40, 500)), 0).astype(np.float32)
    labels = np.arange(40) % CLASSES
    train[:, :CLASSES] = np.eye(CLASSES)[labels] * 3
    fitted = fit_head([train], train, labels, labels, class_weights=EVEN)
    assert fitted.best.validation_accuracy == 1


def test_a_feature_that_never_changes_does_no_harm():
    train, validation = (np.hstack([part, np.ones((len(part), 1))]) for part in (TRAIN, VALIDATION))
    fitted = fit_head([train], validation, LABELS, ANSWERS, class_weights=EVEN, strengths=[0.1])
    assert np.isfinite(fitted.head.weights).all()
    assert fitted.best.validation_accuracy == fit([0.1]).best.validation_accuracy
