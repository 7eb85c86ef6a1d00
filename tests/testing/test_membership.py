"""Whether a model gives away what it learnt from, against pairs counted one by one."""

import numpy as np
import pytest

from imagier.testing.membership import audit_membership, membership_sentence


def test_every_pair_is_counted():
    generator = np.random.default_rng(0)
    learnt = generator.integers(0, 30, 200) / 10
    others = generator.integers(5, 40, 300) / 10
    found = audit_membership(learnt, others)
    pairs = np.sign(others[None, :] - learnt[:, None])
    assert found.auc == pytest.approx(float((pairs + 1).mean() / 2))
    thresholds = [t for t in np.unique(others) if (others < t).mean() <= 0.01]
    assert found.found_out == pytest.approx((learnt < max(thresholds)).mean())


def test_no_better_than_chance_and_certain():
    generator = np.random.default_rng(1)
    alike = audit_membership(generator.random(20_000), generator.random(20_000))
    assert alike.auc == pytest.approx(0.5, abs=0.01)
    assert alike.found_out == pytest.approx(0.01, abs=0.004)
    assert membership_sentence(alike).startswith("Who only has the model cannot tell")
    clear = audit_membership(generator.random(500), 2 + generator.random(500))
    assert (clear.auc, clear.found_out) == (1.0, 1.0)
    assert "keep the model as you keep the pictures" in membership_sentence(clear)


def test_nothing_to_compare_and_few():
    assert audit_membership(np.ones(0), np.ones(3)) is None
    few = audit_membership(np.zeros(40), np.ones(40))
    assert "cannot be told by so few" in membership_sentence(few)
    assert "in 100% of cases" in membership_sentence(few)
