import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagier.testing.calibration import (
    brier_scores,
    calibration,
    fit_temperature,
    with_temperature,
)


def made(n, k=5, seed=0, sharp=2.0):
    generator = np.random.default_rng(seed)
    logits = generator.normal(size=(n, k)) * sharp
    answers = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.array([generator.choice(k, p=row) for row in answers])
    return answers, labels


def result_of(answers, labels):
    right = answers.argmax(axis=1) == labels
    return calibration(answers.max(axis=1), right, brier_scores(answers, labels))


def test_the_temperature_is_the_one_that_scipy_finds():
    scipy = pytest.importorskip("scipy.optimize", reason="needs the extra imagier[studies]")
    answers, labels = made(500)
    answers = with_temperature(answers, 1.7).astype(np.float64)

    def loss(inverse):
        logits = np.log(answers) * inverse
        return (np.log(np.exp(logits).sum(1)) - logits[np.arange(500), labels]).mean()

    best = scipy.minimize_scalar(loss, bounds=(0.05, 20), method="bounded", options={"xatol": 1e-9})
    found = fit_temperature(answers, labels, doubt=0)
    assert found == pytest.approx(1 / best.x, rel=1e-5)
    assert fit_temperature(answers, labels) == pytest.approx(found, rel=0.02)


@pytest.mark.parametrize("temperature", [0.7, 1.0, 2.5])
def test_a_temperature_is_found_again(temperature):
    answers, labels = made(20_000, seed=1)
    spoilt = with_temperature(answers, temperature)
    found = fit_temperature(spoilt, labels)
    assert found == pytest.approx(1 / temperature, rel=0.05)
    np.testing.assert_allclose(with_temperature(spoilt, 1 / temperature), answers, atol=1e-5)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10_000), st.floats(0.05, 20))
def test_no_answer_changes_with_the_temperature(seed, temperature):
    answers, _ = made(50, seed=seed)
    np.testing.assert_array_equal(
        with_temperature(answers, temperature).argmax(axis=1), answers.argmax(axis=1)
    )


def test_all_right_or_all_wrong_gives_an_end():
    answers, _ = made(40)
    assert fit_temperature(answers, answers.argmax(axis=1), doubt=0) == 0.05
    assert fit_temperature(answers, answers.argmin(axis=1)) == 20


@pytest.mark.parametrize("n", [50, 500])
def test_a_few_pictures_without_a_mistake_do_not_make_it_certain(n):
    """As if one of n + 2 were wrong: about so sure, and no surer."""
    answers = np.full((n, 4), 0.1)
    answers[:, 2] = 0.7
    labels = np.full(n, 2)
    sure = with_temperature(answers, fit_temperature(answers, labels)).max(axis=1)
    assert 1 - sure.mean() == pytest.approx(1 / (n + 2), rel=0.01)


def test_the_figures_are_those_of_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics", reason="needs the extra imagier[dev]")
    answers, labels = made(300)
    one_hot = np.eye(5)[labels]
    assert result_of(answers, labels).brier == pytest.approx(
        np.mean([metrics.brier_score_loss(one_hot[:, k], answers[:, k]) for k in range(5)]) * 5,
        abs=1e-9,
    )


def test_ece_by_hand():
    confidence = np.array([0.95, 0.95, 0.55, 0.55])
    right = np.array([True, False, True, True])
    found = calibration(confidence, right, np.zeros(4))
    assert found.ece == pytest.approx((abs(1 - 1.9) + abs(2 - 1.1)) / 4)
    assert [one.n for one in found.bins if one.n] == [2, 2]


@pytest.mark.parametrize(("n", "expected"), [(200, 0.050), (1000, 0.021), (10_000, 0.006)])
def test_a_perfect_recogniser_scores_about_the_floor(n, expected):
    """Figures of `reliability.md`, 15 bins, for confidences spread as a network's are."""
    scores = [result_of(*made(n, seed=seed)) for seed in range(20)]
    mean = np.mean([one.ece for one in scores])
    assert mean == pytest.approx(np.mean([one.floor for one in scores]), rel=0.15)
    assert 0.3 * expected < mean < 2 * expected


def test_nothing_to_calibrate():
    found = calibration(np.zeros(0), np.zeros(0, bool), np.zeros(0))
    assert (found.n, found.ece, found.floor, found.brier) == (0, 0, 0, 0)
