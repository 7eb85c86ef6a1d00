"""Dawid and Skene against a second implementation, against crowd-kit, and on robots."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.labelling.votes import Crowd, dawid_skene, make_votes, simulate_votes, sweep_robots
from imagier.labelling.votes.vote_table import Votes


def draw_votes(seed, *, items=30, annotators=6, labels=3, share=0.7):
    """Draw votes with gaps, of annotators who are right on a share of 40 to 95 %."""
    chance = np.random.default_rng(seed)
    truth = chance.integers(0, labels, items)
    rows = []
    for who in range(annotators):
        accuracy = chance.uniform(0.4, 0.95)
        for item in np.flatnonzero(chance.random(items) < share):
            is_right = chance.random() < accuracy
            label = truth[item] if is_right else chance.integers(0, labels)
            rows.append((f"i{item}", f"w{who}", f"l{label}"))
    rows += [("i0", f"w{annotators}", f"l{label}") for label in range(1)]
    return make_votes(rows)


def slow_dawid_skene(votes, steps, prior):
    """Compute the same as the formulas stand, with a confusion matrix an annotator."""
    n, size, k = len(votes.items), len(votes.annotators), len(votes.labels)
    given = np.zeros((n, size, k))
    given[votes.item, votes.annotator, votes.label] = 1
    truth = given.sum(axis=1)
    truth /= truth.sum(axis=1, keepdims=True)
    for _ in range(steps):
        shares = (truth.sum(axis=0) + 1) / (n + k)
        seen = np.einsum("nt,nal->atl", truth, given)
        usual = (seen.sum(axis=0) + 1 / k) / (seen.sum(axis=(0, 2))[:, None] + 1)
        errors = seen + prior * usual
        errors /= errors.sum(axis=2, keepdims=True)
        logs = np.log(shares) + np.einsum("nal,atl->nt", given, np.log(errors))
        truth = np.exp(logs - logs.max(axis=1, keepdims=True))
        truth /= truth.sum(axis=1, keepdims=True)
    return truth, errors


@given(st.integers(0, 10_000), st.sampled_from([0.1, 1.0, 4.0]))
def test_the_formulas_written_out_give_the_same(seed, prior):
    votes = draw_votes(seed)
    found = dawid_skene(votes, prior_votes=prior)
    truth, errors = slow_dawid_skene(votes, len(found.log_likelihoods), prior)
    assert np.allclose(found.probabilities, truth, atol=1e-9)
    annotator, label = np.divmod(found.pairs, len(votes.labels))
    assert np.allclose(found.errors, errors[annotator, :, label], atol=1e-9)


@given(st.integers(0, 10_000))
def test_probabilities_are_probabilities_and_names_do_not_matter(seed):
    votes = draw_votes(seed)
    found = dawid_skene(votes)
    assert np.allclose(found.probabilities.sum(axis=1), 1)
    assert found.has_settled
    mirrored = Votes(
        items=votes.items,
        annotators=votes.annotators,
        labels=votes.labels,
        item=votes.item,
        annotator=votes.annotator,
        label=len(votes.labels) - 1 - votes.label,
    )
    other = dawid_skene(mirrored).probabilities[:, ::-1]
    assert np.allclose(found.probabilities, other, atol=1e-6)


def test_the_likelihood_rises_without_a_prior():
    likelihoods = dawid_skene(draw_votes(3), prior_votes=1e-9).log_likelihoods
    # from the third step on: shares have a prior of one vote, whose part is small
    assert min(np.diff(likelihoods)) > -0.05


def test_known_labels_stay():
    votes = draw_votes(5)
    known = np.full(len(votes.items), -1)
    known[:4] = [2, 2, 0, 1]
    found = dawid_skene(votes, known=known)
    assert found.probabilities[:4].argmax(axis=1).tolist() == [2, 2, 0, 1]
    assert found.probabilities[:4].max(axis=1).tolist() == [1, 1, 1, 1]


def test_blocks_change_nothing(monkeypatch):
    import sys

    votes = draw_votes(7, items=80)
    whole = dawid_skene(votes).probabilities
    module = sys.modules["imagier.labelling.votes.dawid_skene"]
    monkeypatch.setattr(module, "_NUMBERS_AT_ONCE", 30)
    assert np.allclose(dawid_skene(votes).probabilities, whole)


def test_a_reliable_annotator_outvotes_two_who_guess():
    chance = np.random.default_rng(0)
    truth = chance.integers(0, 2, 200)
    guesses = chance.integers(0, 2, (2, 200))
    good = np.where(chance.random((2, 200)) < 0.95, truth, 1 - truth)
    rows = [
        (str(item), f"w{who}", str(label))
        for who, labels in enumerate([*good, *guesses])
        for item, label in enumerate(labels)
    ]
    votes = make_votes(rows)
    found = dawid_skene(votes)
    majority = (votes.counts.argmax(axis=1) == truth).mean()
    assert (found.probabilities.argmax(axis=1) == truth).mean() > majority + 0.05
    accuracies = found.accuracies(votes)
    assert accuracies[:2].min() > 0.85
    assert accuracies[2:].max() < 0.65


def test_robots_beat_the_majority_and_control_items_beat_robots():
    sweep = sweep_robots(shares=(0.0, 0.6), runs=4, seed=1)
    few, many = sweep.accuracies
    assert few.min() > 0.97
    assert many[0] < 0.6
    assert many[1] < 0.6
    assert many[2] > 0.75
    assert sweep.robots_found[1] > 0.6
    assert np.isnan(sweep.robots_found[0])
    assert sweep.humans_lost.max() < 0.1
    assert [row["robots"] for row in sweep.to_json()["shares"]] == [0.0, 0.6]


def test_a_simulation_is_the_same_each_time():
    first, again, other = (simulate_votes(0.5, seed=seed) for seed in (0, 0, 1))
    assert (first.votes.label == again.votes.label).all()
    assert (first.votes.label != other.votes.label).any()
    assert first.is_robot.sum() == 20
    counts = np.bincount(first.votes.item)
    assert counts.tolist() == [Crowd().votes] * Crowd().items


@pytest.mark.parametrize("name", ["bluebirds", "faces"])
def test_real_votes_reach_the_majority_and_crowd_kit(imagier_data, name):
    from imagier.labelling.votes import settle_table

    folder = imagier_data / "votes"
    result = settle_table(folder / f"{name}.csv", truth=folder / f"{name}-truth.csv")
    truth = result.truth
    assert truth.dawid_skene.right >= truth.majority.right
    # crowd-kit 1.4.2, its EM run to the end (tol below 0): docs/measurements.md
    expected = {"bluebirds": 97, "faces": 374}[name]
    assert truth.dawid_skene.accuracy >= expected / truth.dawid_skene.n - 0.005
    plain = dawid_skene(result.found.votes, prior_votes=0.01).probabilities
    labels = np.array(result.found.votes.labels)[plain.argmax(axis=1)]
    from imagier.labelling.votes import read_known

    told = read_known(folder / f"{name}-truth.csv").labels
    right = sum(
        told[item] == label for item, label in zip(result.found.votes.items, labels, strict=True)
    )
    assert abs(right - expected) / len(labels) < 0.005


def test_crowd_kit_finds_the_same():
    """An oracle that few have installed: `pip install --no-deps crowd-kit`, and what it imports."""
    crowd_kit = pytest.importorskip("crowdkit.aggregation", reason="crowd-kit is not installed")
    import pandas as pd

    votes = draw_votes(11, items=120, annotators=8)
    frame = pd.DataFrame({"task": votes.item, "worker": votes.annotator, "label": votes.label})
    theirs = crowd_kit.DawidSkene(n_iter=200, tol=-1e9).fit(frame).probas_
    theirs = theirs.sort_index()[sorted(theirs.columns)].to_numpy()
    ours = dawid_skene(votes, prior_votes=1e-6).probabilities
    assert np.allclose(ours, theirs, atol=0.01)
