"""Digits read by rules that were written by hand: holes, symmetry, ink in certain places.

`read_digit` and `find_holes` are the whole program. Its questions and its limits were found by
looking at the training pictures and trying; the validation pictures decided between a few. Parts
were made by another rule then; docs/rules.md tells which of today's test pictures were looked at.
`python docs/rules_by_hand.py` says how often it is right on a part of the digits that come
with imagier, the same parts as in `imagier train digits --seed 0`.
"""

import argparse

import numpy as np
from scipy.ndimage import label

from imagier.datasets import Dataset, load, open_source, sample, split
from imagier.testing import wilson

DARK = 6  # of 16: a pixel with less ink counts as paper


def read_digit(levels: np.ndarray) -> int:
    """Name a digit of 8 × 8 levels, from 0 (paper) to 16 (ink)."""
    ink = levels / levels.sum()
    top, bottom, upper_half, centre = ink[0], ink[7], ink[:4], ink[3:5, 2:6]
    upper_left, upper_right, lower_left = ink[2:4, :4], ink[2, 4:], ink[5, :4]
    upside_down = np.abs(ink - ink[::-1]).sum() / 2  # 0: the same, 1: nothing in common
    holes = find_holes(levels >= DARK)

    if max(holes, default=0) >= 5:  # one large hole
        return 0
    if upper_right.sum() < 0.02:  # open on the upper right
        if upper_half.sum() > 0.45:
            return 5
        return 4 if bottom.sum() < 0.1 else 6
    if centre.sum() < 0.165:  # open in the middle
        return 3 if lower_left.sum() < 0.005 else 2
    if bottom.sum() < 0.085:  # stands on one foot
        if top.sum() < 0.1:
            return 1 if top.sum() > 0.08 and upside_down < 0.25 else 4
        return 9 if upper_left.sum() > 0.14 else 7
    if not holes and (upside_down < 0.14 or ink[:, 3:5].sum() > 0.6):  # a stroke
        return 1
    if lower_left.sum() < 0.025:  # open on the lower left
        return 9 if upper_left.sum() > 0.09 else 3
    return 8 if holes else 1


def find_holes(dark: np.ndarray) -> list[int]:
    """Count the pixels of each piece of paper that is shut in by ink."""
    pieces, _ = label(np.pad(~dark, 1, constant_values=True))
    return np.bincount(pieces.ravel())[2:].tolist()  # 0 is ink, 1 the paper around the digit


def main() -> None:
    """Score the rules on one part of the digits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=("train", "validation", "test"), default="validation")
    part = parser.parse_args().part
    dataset = part_of_digits(part)
    right = sum(
        read_digit(pixels[:, :, 0].astype(float)) == digit
        for pixels, digit in zip(dataset.pixels, dataset.labels, strict=True)
    )
    low, high = wilson(right, len(dataset))
    share = f"{right / len(dataset):.1%} ({low:.1%} to {high:.1%})"
    print(f"{part}: {right} of {len(dataset)} right, {share}")


def part_of_digits(part: str) -> Dataset:
    """Give the pictures of a part, as `imagier train digits --seed 0` makes it."""
    dataset = all_digits()
    return dataset.take(getattr(split(dataset, seed=0), part))


def all_digits() -> Dataset:
    """Give all pictures, in the order in which they come."""
    listing = open_source("digits")
    return load(listing, sample(listing).choose())


if __name__ == "__main__":
    main()
