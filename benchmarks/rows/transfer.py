"""The suite `transfer`: digits of the post office after MNIST, and the other way round.

The sets stand in `IMAGIER_DATA`. Epochs are counted, so that the figures do not hang on the pace of
the machine; only going on from 100 pictures plans within the usual minute, most of it given back.
"""

from benchmarks.rows.row import Row

__all__ = ["TRANSFER"]

OPTIONS = ("--network", "cnn:16,32", "--epochs", "12")
FEW = "100"


def _rows(tested: str, other: str) -> tuple[Row, ...]:
    """Give the rows that are asked for what is held out of one set."""
    ways = {
        f"{tested} learnt from itself": (tested, "0"),
        f"{tested} learnt from {other} alone": (other, "0"),
        f"{tested} learnt from {other}, then from {FEW} of its own": (other, FEW),
        f"{tested} learnt from {FEW} of its own alone": ("nothing", FEW),
    }
    return tuple(
        Row(
            name=name,
            task="transfer",
            arguments=(tested, known, few, *OPTIONS),
            seeds=1,
            figure="accuracy",
            goal=">= 0.965" if (known, tested) == ("usps", "usps") else "",
            want=">= 0.975" if (known, tested) == ("usps", "usps") else "",
            minutes=3,
        )
        for name, (known, few) in ways.items()
    )


TRANSFER = (*_rows("usps", "mnist"), *_rows("mnist", "usps"))
