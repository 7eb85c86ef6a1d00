import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import linprog

from imagier.errors import UsageError
from imagier.neurons import GATES, LabeledPoints, Neuron, rosenblatt, separation

LEARNT = ("not", "and", "or")


def examples(points, wanted):
    points = np.asarray(points, np.float64)
    names = tuple(f"u{number}" for number in range(points.shape[1]))
    return LabeledPoints(points=points, wanted=np.asarray(wanted, np.float64), names=names)


POINTS = st.lists(st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=2, max_size=12)
LINES = st.tuples(st.integers(-3, 3), st.integers(-3, 3), st.integers(-5, 5))


# One neuron


def test_the_deck_neuron():
    neuron = Neuron(weights=(3.2, 5.1, 0, 0), bias=3)
    assert neuron.weighted_sum((1, 1, 0, 0)) == pytest.approx(11.3)
    assert neuron.weighted_sum((1, -2, 0, 0)) == pytest.approx(-4)
    assert neuron.fires([(1, 1, 0, 0), (1, -2, 0, 0)]).tolist() == [1, 0]


def test_a_neuron_needs_an_input_for_each_weight():
    with pytest.raises(UsageError) as refused:
        Neuron(weights=(1, 2), bias=0).weighted_sum((1, 2, 3))
    assert refused.value.code == "neuron_inputs"
    assert refused.value.facts == {"n": 2, "received": 3}


def test_the_truth_tables():
    def table(name):
        gate = GATES[name]
        return {
            tuple(map(int, point)): int(w)
            for point, w in zip(gate.points, gate.wanted, strict=True)
        }

    assert table("not") == {(0,): 1, (1,): 0}
    assert table("and") == {(a, b): a & b for a in (0, 1) for b in (0, 1)}
    assert table("or") == {(a, b): a | b for a in (0, 1) for b in (0, 1)}
    assert table("xor") == {(a, b): a ^ b for a in (0, 1) for b in (0, 1)}


# The rule


@pytest.mark.parametrize("name", LEARNT)
@pytest.mark.parametrize("rate", [0.1, 1.0, 7.0])
def test_not_and_or_are_learned_within_the_bound(name, rate):
    *_, last = epochs = list(rosenblatt(GATES[name], learning_rate=rate))
    assert last.errors == 0
    assert last.neuron.fires(GATES[name].points).tolist() == GATES[name].wanted.tolist()
    assert sum(epoch.errors for epoch in epochs) <= separation(GATES[name]).bound


def test_xor_comes_back_to_weights_that_it_has_had():
    epochs = list(rosenblatt(GATES["xor"]))
    assert all(epoch.errors for epoch in epochs)
    seen = {epoch.number: epoch.neuron for epoch in epochs[:-1]}
    assert epochs[-1].neuron == seen[epochs[-1].seen_in]
    assert [epoch.seen_in for epoch in epochs[:-1]] == [None] * (len(epochs) - 1)


def test_each_correction_moves_by_the_input_that_was_wrong():
    neuron = Neuron(weights=(0.0, 0.0), bias=0.0)
    for epoch in rosenblatt(GATES["and"], learning_rate=0.5):
        for one in epoch.corrections:
            point = GATES["and"].points[one.example]
            assert (one.answer, one.wanted) == (int(neuron.fires(point)), 1 - one.answer)
            step = 0.5 * (one.wanted - one.answer)
            assert one.neuron.weights == tuple(np.asarray(neuron.weights) + step * point)
            assert one.neuron.bias == neuron.bias + step
            neuron = one.neuron


def test_it_is_a_stream_that_stops_when_it_is_told_to():
    assert len(list(rosenblatt(GATES["and"], epochs=3))) == 3
    assert next(rosenblatt(GATES["xor"])).number == 1


@given(POINTS, LINES)
def test_whatever_a_line_separates_is_learned_within_the_bound(points, line):
    sums = np.array(points) @ line[:2] + line[2]
    assume((sums >= 0).any() and (sums < 0).any())
    given_ = examples(points, sums >= 0)
    found = separation(given_)
    assert found is not None
    assert found.neuron.fires(given_.points).tolist() == given_.wanted.tolist()
    *_, last = epochs = list(rosenblatt(given_, epochs=100_000))
    assert last.errors == 0
    assert sum(epoch.errors for epoch in epochs) <= found.bound


def hulls_meet(points, wanted):
    """Tell whether a mean of one class is a mean of the other: no line separates them then."""
    signs = np.where(wanted == 1, 1.0, -1.0)
    equal = np.vstack([(points * signs[:, None]).T, wanted == 1, wanted == 0])
    found = linprog(np.zeros(len(points)), A_eq=equal, b_eq=[0, 0, 1, 1], bounds=(0, None))
    return found.status == 0


@given(POINTS, st.lists(st.booleans(), min_size=12, max_size=12))
def test_a_line_is_found_exactly_where_the_hulls_do_not_meet(points, labels):
    wanted = np.array(labels[: len(points)], np.float64)
    assume(0 < wanted.sum() < len(wanted))
    found = separation(examples(points, wanted))
    assert (found is None) == hulls_meet(np.array(points, np.float64), wanted)


def test_the_proof_for_xor_holds_for_every_neuron_tried():
    generator = np.random.default_rng(0)
    for weights in generator.normal(size=(2000, 3)):
        neuron = Neuron(weights=tuple(weights[:2]), bias=float(weights[2]))
        assert neuron.fires(GATES["xor"].points).tolist() != GATES["xor"].wanted.tolist()


@pytest.mark.parametrize("rate", [0, -1, float("inf"), float("nan")])
def test_a_rate_that_teaches_nothing(rate):
    with pytest.raises(UsageError) as refused:
        next(rosenblatt(GATES["and"], learning_rate=rate))
    assert refused.value.code == "learning_rate"
