"""More time buys a closer look, then more views; never less of either."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagier.features import View, open_backbone
from imagier.learning import view_budget
from imagier.learning.view_budget import SIDES, SMALL_SIDE, ViewBudget
from imagier.training import FINETUNE_TIER

PACE = 0.25 / 224**2  # a quarter of a second for a picture at 224 pixels


@pytest.fixture(autouse=True)
def slow(monkeypatch):
    """A machine on which a view takes as long as it has pixels."""
    measure = lambda _, *, side, threads: PACE * side**2  # noqa: E731
    monkeypatch.setattr(view_budget, "seconds_a_picture", measure)


def budget_of(pictures=1000, *, network="features", read=None):
    backbone = open_backbone(network)
    return ViewBudget(backbone=backbone, threads=1, pictures=pictures, classes=2, read=read)


@pytest.mark.parametrize(
    ("seconds", "largest", "views"),
    [
        (200, 224, [(160, False)]),
        (400, 224, [(224, False)]),
        (500, 224, [(224, False), (160, False)]),
        (900, 224, [(224, False), (160, False), (224, True), (160, True)]),
        (700, 288, [(288, False)]),
        (900, 288, [(288, False), (224, False)]),
        (1200, 384, [(384, False)]),
        (1500, 384, [(384, False), (288, False)]),
        (2100, 384, [(384, False), (288, False), (384, True)]),
        (
            9000,
            384,
            [(384, False), (288, False), (384, True), (288, True), (224, False), (224, True)],
        ),
        (150, 32, [(128, False)]),
        (900, 32, [(128, False), (128, True)]),
        (10, 384, [(160, False)]),  # too little for any: every picture is seen all the same
    ],
)
def test_more_time_buys_a_closer_look(seconds, largest, views):
    found = budget_of().views(seconds, largest=largest)
    assert [(view.side, view.mirrored) for view in found] == views


@given(
    some=st.floats(0.1, 10_000),
    more=st.floats(0, 10_000),
    largest=st.integers(1, 600),
    pictures=st.integers(1, 20_000),
)
def test_more_time_never_buys_less(some, more, largest, pictures):
    budget = budget_of(pictures)
    before, after = (budget.views(one, largest=largest) for one in (some, some + more))
    assert before[0].side <= after[0].side
    assert sum(view.side**2 for view in before) <= sum(view.side**2 for view in after)
    if before[0].side == after[0].side:
        assert after[: len(before)] == before
    for views in (before, after):
        assert len(set(views)) == len(views)
        assert {view.side for view in views} <= {*SIDES, SMALL_SIDE}
        assert all(view.side <= largest for view in views) or {v.side for v in views} == {128}
    assert after[0].side == budget.side(some + more, largest=largest)


@pytest.mark.parametrize("network", ["features:160", "features:64"])
def test_a_named_side_is_kept_whatever_the_time(network):
    side = open_backbone(network).side
    for seconds in (1, 900, 1e6):
        assert budget_of(network=network).views(seconds, largest=288) == (View(side=side),)


def test_reading_the_pictures_is_paid_from_the_same_budget():
    """With a tenth of a second to read a picture, what was enough for 224 pixels no longer is."""
    asked = []

    def read(side):
        asked.append(side)
        return 0.1

    assert budget_of().side(300, largest=224) == 224
    assert budget_of(read=read).side(300, largest=224) == 160
    assert asked == [224, 160]


def test_each_side_is_measured_once(monkeypatch):
    measured = []
    monkeypatch.setattr(
        view_budget, "seconds_a_picture", lambda *_, side, **__: measured.append(side) or 0.01
    )
    budget = budget_of()
    for seconds in (10, 100, 1000):
        budget.views(seconds, largest=384)
    assert len(measured) == len(set(measured))


def test_all_that_is_to_come_is_counted():
    """Two views cost twice the pixels, and the head and the report are not forgotten."""
    budget = budget_of(100)
    one, two = (budget.seconds((View(side=224),) * n) for n in (1, 2))
    assert two - one == pytest.approx(100 * 0.25, rel=0.01)
    assert one - (two - one) == pytest.approx(view_budget.FINISH_SECONDS)


@pytest.mark.parametrize(
    ("seconds", "side"), [(60, None), (300, None), (500, 288), (900, 384), (9000, 384)]
)
def test_more_time_tunes_on_larger_pictures(seconds, side, monkeypatch):
    pace = 0.01 / 224**2
    monkeypatch.setattr(view_budget, "seconds_a_picture", lambda *_, side, **__: pace * side**2)
    shown = FINETUNE_TIER.min_epochs * 2_500
    found = budget_of(2_500).side_to_tune_at(seconds, largest=384, shown=shown)
    assert found == side


@pytest.mark.parametrize(
    ("seconds", "views"),
    [
        (100, None),
        (250, [(224, False)]),
        (275, [(224, False), (160, False)]),
        (900, [(224, False), (160, False), (224, True), (160, True)]),
    ],
)
def test_before_tuning_a_head_sees_what_fits_beside_it(seconds, views):
    """A hundred pictures in views of 25 s each, and 250 of them learnt from in 187.5 s."""
    found = budget_of(100).views_before_tuning(seconds, largest=224, shown=250)
    assert views == (None if found is None else [(one.side, one.mirrored) for one in found])
