"""Puts answers in the order in which a person should look at them, without holding them."""

from array import array
from collections.abc import Iterable, Iterator

import numpy as np

from imagier.files import json_line
from imagier.recognizer.prediction import Prediction

__all__ = ["least_sure_first"]

_UNREAD = 2.0  # after the surest answer


def least_sure_first(answers: Iterable[Prediction]) -> Iterator[Prediction]:
    """Give the answers from the least sure to the surest; pictures that were not read come last.

    All have to be known before the first is given. They wait in a temporary file: what is held in
    memory is 16 bytes for each. Equal ones keep their order.

    >>> one, two = (Prediction(path=f"{p}.png", label="cat", probability=p) for p in (0.9, 0.4))
    >>> [answer.path for answer in least_sure_first([one, two])]
    ['0.4.png', '0.9.png']
    """
    import json
    import tempfile  # whoever does not ask for the order starts faster

    sure, starts = array("d"), array("q")
    with tempfile.TemporaryFile() as file:
        for answer in answers:
            sure.append(_UNREAD if answer.probability is None else answer.probability)
            starts.append(file.tell())
            file.write(json_line(answer.to_json()).encode() + b"\n")
        for index in np.argsort(np.asarray(sure), kind="stable"):
            file.seek(starts[index])
            yield Prediction.from_json(json.loads(file.readline()))
