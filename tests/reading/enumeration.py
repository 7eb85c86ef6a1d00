"""All paths of a small line, one by one: what the sums and searches are compared with."""

import itertools

import numpy as np


def paths(probabilities):
    """Give each path, the text that it spells and its probability."""
    columns, classes = probabilities.shape
    for path in itertools.product(range(classes), repeat=columns):
        text = tuple(number for number, _ in itertools.groupby(path) if number)
        yield path, text, float(np.prod(probabilities[np.arange(columns), path]))


def text_probabilities(probabilities):
    """Add up the probabilities of the paths of each text."""
    found = {}
    for _, text, probability in paths(probabilities):
        found[text] = found.get(text, 0.0) + probability
    return found


def spans(path):
    """Give the first and the last column of each character of a path."""
    places = []
    for number, group in itertools.groupby(enumerate(path), key=lambda item: item[1]):
        columns = [column for column, _ in group]
        if number:
            places.append([columns[0], columns[-1]])
    return places
