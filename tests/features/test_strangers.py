"""Pictures of none of the classes are told by their features, and the threshold keeps its word."""

import numpy as np
import pytest

from imagier.features.strangers import (
    FEWEST,
    REFUSED,
    StrangerParts,
    fit_score,
    parts_apart,
    parts_by_folds,
    scaled_score,
)

CLASSES, WIDTH = 4, 24


def clouds(n, *, seed, means):
    generator = np.random.default_rng(seed)
    labels = np.arange(n) % CLASSES
    spread = np.linspace(0.2, 2, WIDTH)
    return means[labels] + spread * generator.standard_normal((n, WIDTH)), labels


@pytest.fixture(scope="module")
def means():
    return 4 * np.random.default_rng(1).standard_normal((CLASSES, WIDTH))


@pytest.fixture(scope="module")
def fitted(means):
    features, labels = clouds(400, seed=2, means=means)
    judged, _ = clouds(1000, seed=3, means=means)
    return scaled_score(parts_apart(features, labels, judged))


def test_the_share_that_was_asked_for_is_refused(fitted, means):
    score, judged = fitted
    assert (judged > 1).mean() <= REFUSED
    new, _ = clouds(5000, seed=4, means=means)
    assert (score.strangeness(new) > 1).mean() == pytest.approx(REFUSED, abs=0.015)
    assert np.median(score.strangeness(new)) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("where", ["between", "far", "another class"])
def test_strangers_are_told(fitted, means, where):
    score, _ = fitted
    generator = np.random.default_rng(5)
    centre = {
        "between": means.mean(axis=0),
        "far": means.mean(axis=0) + 40,
        "another class": 4 * generator.standard_normal(WIDTH),
    }[where]
    strangers = centre + 0.5 * generator.standard_normal((200, WIDTH))
    assert (score.strangeness(strangers) > 1).mean() > 0.97


def test_folds_judge_as_pictures_apart_do(means):
    features, labels = clouds(600, seed=6, means=means)
    folds = np.arange(600) // 6 % 5
    by_folds = parts_by_folds(features, labels, folds)
    new, _ = clouds(2000, seed=7, means=means)
    score, judged = scaled_score(by_folds)
    assert len(judged) == 600
    # judged without their folds, pictures that were learnt from are no less strange than new ones
    assert (score.strangeness(new) > 1).mean() < 2 * REFUSED
    assert (score.strangeness(features) > 1).mean() <= (judged > 1).mean()


def test_pictures_of_no_fold_are_only_learnt_from(means):
    features, labels = clouds(200, seed=8, means=means)
    folds = np.where(np.arange(200) < 80, 0, -1)
    assert parts_by_folds(features, labels, folds).parts.shape == (80, 2)


def test_with_too_few_pictures_or_all_alike_nothing_is_told(means):
    features, labels = clouds(200, seed=9, means=means)
    found = parts_apart(features, labels, features[: FEWEST - 1])
    assert scaled_score(found) is None
    assert scaled_score(parts_apart(features, labels, features[:FEWEST])) is not None
    alike = StrangerParts(score=found.score, parts=np.ones((100, 2)))
    assert scaled_score(alike) is None


def test_a_constant_feature_and_a_class_of_one_do_no_harm(means):
    features, labels = clouds(101, seed=10, means=means)
    features[:, 3] = 7
    labels[-1] = CLASSES + 2
    score = fit_score(features, labels)
    assert np.isfinite(score.parts(features)).all()
    assert score.claims.shape == (WIDTH, CLASSES + 1)
