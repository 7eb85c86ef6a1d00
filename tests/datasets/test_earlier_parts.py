"""Pictures that a model was made with stand where they stood; the others are parted as ever."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from imagier.datasets.splitting.assigning import FREE, TEST, TRAIN, UNUSED, VALIDATION, assign


@st.composite
def pictures(draw):
    """Draw own and earlier parts, groups and labels of some pictures."""
    n = draw(st.integers(1, 60))

    def of(*values):
        return np.array(draw(st.lists(st.sampled_from(values), min_size=n, max_size=n)), np.int8)

    groups = [f"g{group}" for group in of(*range(12)).tolist()]
    own, earlier = of(FREE, TRAIN, VALIDATION, TEST, UNUSED), of(FREE, TRAIN, VALIDATION, TEST)
    return own, earlier, groups, of(0, 1).astype(np.int64)


@given(pictures(), st.integers(0, 3))
def test_what_was_learnt_from_is_learnt_from_with_all_of_its_group(drawn, seed):
    own, earlier, groups, labels = drawn
    parts = assign(own, groups, labels, seed=seed, earlier=earlier)
    brought = np.isin(own, (VALIDATION, TEST, UNUSED))
    assert (parts[brought] == own[brought]).all()
    is_known = ~brought & (earlier != FREE)
    learnt = {groups[row] for row in np.flatnonzero(is_known & (earlier == TRAIN)).tolist()}
    for row in np.flatnonzero(~brought).tolist():
        assert parts[row] in (TRAIN, VALIDATION, TEST)
        if groups[row] in learnt:
            assert parts[row] == TRAIN


@given(pictures(), st.integers(0, 3))
def test_each_stands_where_it_stood_unless_the_source_brings_that_part(drawn, seed):
    own, earlier, _, labels = drawn
    groups = [f"own {row}" for row in range(len(own))]
    parts = assign(own, groups, labels, seed=seed, earlier=earlier)
    free = np.isin(own, (FREE, TRAIN))
    for part in (VALIDATION, TEST):
        stood = free & (earlier == part)
        expected = TRAIN if (own == part).any() else part
        assert (parts[stood] == expected).all()


@given(pictures(), st.integers(0, 3))
def test_where_no_picture_is_known_nothing_changes(drawn, seed):
    own, _, groups, labels = drawn
    nothing = np.full(len(own), FREE, np.int8)
    found = assign(own, groups, labels, seed=seed, earlier=nothing)
    assert (found == assign(own, groups, labels, seed=seed)).all()


def test_new_pictures_give_each_part_its_share():
    """Of 50 new ones of each class 7 are for the test, however many were tested before."""
    own, labels = np.full(300, FREE, np.int8), np.arange(300) % 2
    earlier = np.repeat(np.array([TRAIN, TEST, FREE], np.int8), 100)
    names = [f"{row}" for row in range(300)]
    parts = assign(own, names, labels, seed=0, earlier=earlier)
    assert np.bincount(parts[200:], minlength=3).tolist() == [72, 14, 14]
