"""The plan of a head comes back from JSON as it was, or is refused."""

import json

import pytest

from imagier.errors import ModelError
from imagier.features import FeaturePlan, View

PLAN = FeaturePlan(
    network="features:160",
    views=(View(side=160), View(side=160, mirrored=True)),
    folds=5,
    class_weights=(1.0, 0.5),
    seed=3,
    threads=2,
)


def test_it_comes_back_as_it_was():
    assert FeaturePlan.from_json(json.loads(json.dumps(PLAN.to_json()))) == PLAN


@pytest.mark.parametrize(
    "change",
    [
        {"views": []},
        {"views": [{"side": 0, "mirrored": False}]},
        {"views": [{"side": 160, "mirrored": 1}]},
        {"views": [{"side": 160, "turned": True}]},
        {"views": 160},
        {"views": [{"side": 5000, "mirrored": False}]},
        {"folds": -1},
        {"folds": 0},
        {"folds": 2.5},
        {"seed": True},
        {"threads": "2"},
        {"class_weights": ["much"]},
        {"class_weights": None},
    ],
)
def test_what_is_no_plan_is_refused(change):
    with pytest.raises(ModelError) as caught:
        FeaturePlan.from_json(PLAN.to_json() | change)
    assert caught.value.code == "bad_plan"


def test_a_plan_with_a_part_missing_is_refused():
    for name in PLAN.to_json():
        data = {key: value for key, value in PLAN.to_json().items() if key != name}
        with pytest.raises(ModelError):
            FeaturePlan.from_json(data)
