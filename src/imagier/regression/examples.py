"""Small tables after the deck's examples, to try at once: all made up, and marked so.

    Y = a x + b + noise        with a seed, so that every machine has the same numbers

They are drawn so that each shows one thing: a straight line (`turtles`), few points and wide bands
(`altitude`), several variables and a category (`flats`), regression towards the mean (`heights`,
after Galton), a bend (`advertising`), one wild point (`pressure`), growth to a limit (`pond`), a
label instead of a number (`animals`).

>>> table = example("turtles")
>>> len(table), table.column("year")[:2], table.synthetic
(16, ('0', '1'), True)
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagier.tables import Table

__all__ = ["EXAMPLES", "ExampleTable", "example"]

Columns = dict[str, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleTable:
    """A table to try.

    Attributes:
        target: The column to explain.
        make: Draws the columns.
        family: The family that shows its point.
    """

    target: str
    make: Callable[[np.random.Generator], Columns]
    family: str = "line"


def example(name: str) -> Table:
    """Make an example by its name, the same numbers each time.

    Raises:
        KeyError: When there is no example of this name.
    """
    columns = EXAMPLES[name].make(np.random.default_rng(0))
    rows = tuple(zip(*columns.values(), strict=True))
    lines = tuple(range(2, len(rows) + 2))
    return Table(name=name, titles=tuple(columns), rows=rows, lines=lines, synthetic=True)


def _turtles(rng: np.random.Generator) -> Columns:
    year = np.arange(16)
    turtles = 112 + 9.5 * year + rng.normal(0, 9, 16)
    return {"year": _texts(year), "turtles": _texts(turtles.round())}


def _altitude(rng: np.random.Generator) -> Columns:
    altitude = np.array([1010, 1260, 1490, 1720, 1985, 2240, 2515, 2790])  # 8 stations, as the deck
    temperature = 21.3 - 0.0065 * altitude + rng.normal(0, 0.6, 8)
    return {"altitude": _texts(altitude), "temperature": _texts(temperature, 1)}


def _flats(rng: np.random.Generator) -> Columns:
    surface = rng.uniform(18, 130, 60).round()
    rooms = np.maximum(1, np.rint(surface / 24 + rng.normal(0, 0.9, 60)))
    district = rng.integers(0, 3, 60)
    bonus = np.array([70_000, 15_000, 0])[district]
    price = 12_000 + 3_100 * surface + 9_000 * rooms + bonus + rng.normal(0, 14_000, 60)
    names = [("centre", "north", "south")[place] for place in district]
    return {
        "surface": _texts(surface),
        "rooms": _texts(rooms),
        "district": names,
        "price": _texts((price / 500).round() * 500),
    }


def _heights(rng: np.random.Generator) -> Columns:
    father = rng.normal(176, 6.5, 80)
    son = 177 + 0.5 * (father - 176) + rng.normal(0, 5.5, 80)
    return {"father": _texts(father, 1), "son": _texts(son, 1)}


def _advertising(rng: np.random.Generator) -> Columns:
    budget = np.sort(rng.uniform(1, 60, 40)).round(1)
    sales = 14 * budget**0.55 + rng.normal(0, 5, 40)
    return {"advertising": _texts(budget, 1), "sales": _texts(sales, 1)}


def _pressure(rng: np.random.Generator) -> Columns:
    age = np.sort(rng.integers(20, 76, 36))
    pressure = 98 + 0.62 * age + rng.normal(0, 6, 36)
    pressure[30] += 160  # a slip of the pen: 1 written as 3
    return {"age": _texts(age), "pressure": _texts(pressure.round())}


def _rain(rng: np.random.Generator) -> Columns:
    altitude = np.sort(rng.integers(200, 2600, 24))
    rain = 780 + 0.36 * altitude + rng.normal(0, 90, 24)
    return {"altitude": _texts(altitude), "rain": _texts(rain.round())}


def _pond(rng: np.random.Generator) -> Columns:
    day = np.arange(0, 60, 2)
    covered = 240 / (1 + np.exp(-0.19 * (day - 26))) + rng.normal(0, 6, 30)
    return {"day": _texts(day), "covered": _texts(covered.clip(0.1), 1)}


def _animals(rng: np.random.Generator) -> Columns:
    kinds = {"cat": (4.3, 0.9, 46, 4), "fox": (6.6, 1.2, 68, 6), "hare": (3.6, 0.6, 58, 4)}
    weights: list[str] = []
    lengths: list[str] = []
    names: list[str] = []
    for name, (weight, weight_std, length, length_std) in kinds.items():
        weights += _texts(rng.normal(weight, weight_std, 30).clip(1), 1)
        lengths += _texts(rng.normal(length, length_std, 30))
        names += [name] * 30
    return {"weight": weights, "length": lengths, "animal": names}


def _texts(numbers: NDArray[Any], digits: int = 0) -> list[str]:
    return [f"{number:.{digits}f}" for number in numbers]


EXAMPLES = {
    "turtles": ExampleTable(target="turtles", make=_turtles),
    "altitude": ExampleTable(target="temperature", make=_altitude),
    "flats": ExampleTable(target="price", make=_flats),
    "heights": ExampleTable(target="son", make=_heights),
    "advertising": ExampleTable(target="sales", make=_advertising, family="power"),
    "pressure": ExampleTable(target="pressure", make=_pressure),
    "rain": ExampleTable(target="rain", make=_rain),
    "pond": ExampleTable(target="covered", make=_pond, family="growth"),
    "animals": ExampleTable(target="animal", make=_animals, family="softmax"),
}
