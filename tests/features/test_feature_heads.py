"""The head is at the lowest point of its error, and its l2 is the best on pictures left out."""

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
OTHERS, ANSWERS = clouds(300, seed=2)
FOLDS = np.arange(600) % 5
EVEN = [1.0] * CLASSES


def fit(l2_values, *, train=TRAIN, labels=LABELS, folds=FOLDS, class_weights=EVEN):
    return fit_head(train, labels, folds, class_weights=class_weights, l2_values=l2_values)


def logits(head, features):
    return features.astype(np.float64) @ head.weights.T + head.bias


def reference(l2, train, labels):
    """The same head by scikit-learn, on features at mean 0 and deviation 1."""
    mean, std = train.mean(axis=0), np.maximum(train.std(axis=0), 1e-6)
    other = LogisticRegression(C=1 / (l2 * len(train)), max_iter=5000, tol=1e-8)
    other.fit((train - mean) / std, labels)
    return lambda features: other.predict_proba((features - mean) / std)


@pytest.mark.parametrize("l2", [1.0, 0.1, 0.003])
def test_it_agrees_with_scikit_learn(l2):
    found = fit([l2]).head.probabilities(OTHERS)
    np.testing.assert_allclose(found, reference(l2, TRAIN, LABELS)(OTHERS), atol=0.01)


def test_it_agrees_with_scikit_learn_where_features_outnumber_pictures():
    train, labels = clouds(60, seed=3, columns=200)
    others, _ = clouds(50, seed=4, columns=200)
    found = fit([0.1], train=train, labels=labels, folds=np.arange(60) % 5).head
    expected = reference(0.1, train, labels)(others)
    np.testing.assert_allclose(found.probabilities(others), expected, atol=0.01)


def test_pictures_left_out_are_named_by_heads_that_did_not_learn_from_them():
    wrong = LABELS.copy()
    wrong[FOLDS == 2] = (wrong[FOLDS == 2] + 1) % CLASSES
    honest, poisoned = fit([0.1]), fit([0.1], labels=wrong)
    np.testing.assert_allclose(
        honest.held_out[FOLDS == 2], poisoned.held_out[FOLDS == 2], atol=0.02
    )
    assert np.abs(honest.held_out[FOLDS == 1] - poisoned.held_out[FOLDS == 1]).max() > 0.1


def test_the_l2_has_the_least_loss_on_pictures_left_out():
    fitted = fit([30.0, 1.0, 0.1, 0.01])
    assert fitted.best.loss == min(trial.loss for trial in fitted.trials)
    right = fitted.held_out[np.arange(600), LABELS]
    assert -np.log(right).mean() == pytest.approx(fitted.best.loss, rel=1e-4)
    named = (fitted.held_out.argmax(axis=1) == LABELS).mean()
    assert named == pytest.approx(fitted.best.accuracy)


def test_the_last_head_learns_from_all_pictures():
    fitted = fit([0.1])
    np.testing.assert_allclose(
        fitted.head.probabilities(OTHERS), reference(0.1, TRAIN, LABELS)(OTHERS), atol=0.01
    )


def test_one_part_may_judge_alone():
    folds = np.full(600, -1)
    folds[450:] = 0
    fitted = fit([0.1], folds=folds)
    assert np.isnan(fitted.held_out[:450]).all()
    expected = reference(0.1, TRAIN[:450], LABELS[:450])(TRAIN[450:])
    np.testing.assert_allclose(fitted.held_out[450:], expected, atol=0.05)


def test_it_stops_when_weaker_values_no_longer_help():
    noise = np.random.default_rng(0).normal(size=(60, 200)).astype(np.float32)
    labels = np.random.default_rng(1).integers(0, CLASSES, 60)
    values = np.logspace(2, -6, 30).tolist()
    assert len(fit(values, train=noise, labels=labels, folds=np.arange(60) % 5).trials) < 30


def test_the_same_features_give_the_same_head_whatever_the_threads():
    heads = [
        fit_head(TRAIN, LABELS, FOLDS, class_weights=EVEN, l2_values=[0.1, 0.01], threads=n).head
        for n in (1, 1, 3)
    ]
    for other in heads[1:]:
        np.testing.assert_array_equal(heads[0].weights, other.weights)
        np.testing.assert_array_equal(heads[0].bias, other.bias)


def test_half_precision_is_enough():
    rounded = TRAIN.astype(np.float16)
    assert abs(fit([0.03], train=rounded).best.accuracy - fit([0.03]).best.accuracy) <= 0.01


def test_a_class_that_counts_more_is_named_more_often():
    even = logits(fit([0.1]).head, OTHERS).argmax(axis=1)
    heavy = logits(fit([0.1], class_weights=[10, 1, 1]).head, OTHERS).argmax(axis=1)
    assert (heavy == 0).sum() > (even == 0).sum()


def test_more_features_than_pictures():
    rng = np.random.default_rng(0)
    train = np.maximum(rng.normal(size=(40, 500)), 0).astype(np.float32)
    labels = np.arange(40) % CLASSES
    train[:, :CLASSES] = np.eye(CLASSES)[labels] * 3
    fitted = fit_head(train, labels, np.arange(40) % 5, class_weights=EVEN)
    assert (fitted.head.probabilities(train).argmax(axis=1) == labels).all()


def test_a_feature_that_never_changes_does_no_harm():
    train = np.hstack([TRAIN, np.ones((len(TRAIN), 1), np.float32)])
    fitted = fit([0.1], train=train)
    assert np.isfinite(fitted.head.weights).all()
    assert fitted.best.accuracy == fit([0.1]).best.accuracy


def test_a_class_that_a_fold_has_alone_is_survived():
    labels = np.where(np.arange(60) % 5 == 0, 0, 1)
    fitted = fit_head(
        TRAIN[:60], labels, np.arange(60) % 5, class_weights=[1.0, 1.0], l2_values=[0.1]
    )
    assert np.isfinite(fitted.held_out).all()
