"""A formula that was read: its names, and its value where they have values."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imagier.errors import UsageError
from imagier.formulas.operations import FUNCTIONS, SIGNS

__all__ = ["Formula", "Name", "Node", "Number", "Operation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number that stands in the formula."""

    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name whose value is given when the formula is computed."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A sign or a function, and what it is applied to."""

    name: str
    operands: "tuple[Node, ...]"


Node = Number | Name | Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """A formula in some variables, as a function. Made by `parse_formula`.

    Attributes:
        text: As it was typed.
        variables: The names that need a value, in the order of the alphabet.
        tree: What is computed.
    """

    text: str
    variables: tuple[str, ...]
    tree: Node = field(repr=False)

    def __call__(self, /, **values: ArrayLike) -> Any:
        """Compute the formula.

        Where it has no value (a division by zero, the logarithm of a negative number) the answer is
        infinite or not a number, as in NumPy, without a warning.

        Args:
            values: Each variable's value: a number, a complex number, or an array of them; arrays
                must fit together as in NumPy.

        Returns:
            A number for numbers, else an array with the shape that the values have together.

        Raises:
            UsageError: `formula_values`, when a variable has no value, or a value no variable.

        >>> from imagier.formulas import parse_formula
        >>> parse_formula("x**2 + 3*y**2")(x=4, y=[0, 2])
        array([16., 28.])
        >>> parse_formula("1/x")(x=0)
        inf
        """
        if values.keys() != set(self.variables):
            wanted, received = ", ".join(self.variables), ", ".join(sorted(values))
            raise UsageError("formula_values", wanted=wanted or "–", received=received or "–")
        numbers = {name: _numbers(value) for name, value in values.items()}
        shape = np.broadcast_shapes(*(array.shape for array in numbers.values()))
        with np.errstate(all="ignore"):
            result = np.asarray(_value(self.tree, numbers))
        return np.broadcast_to(result, shape).copy() if shape else result.item()

    def at(self, point: ArrayLike) -> Any:
        """Compute the formula at a point, or at many at once.

        Args:
            point: The values of the variables in the order of `variables`, (n,) or (n, ...).

        Raises:
            UsageError: `formula_point`, when there are more or fewer values than variables.

        >>> from imagier.formulas import parse_formula
        >>> parse_formula("x**2 + 3*y**2").at([4, 2])
        28.0
        """
        values = _numbers(point)
        count = len(values) if values.ndim else 1
        if not values.ndim or count != len(self.variables):
            names = ", ".join(self.variables) or "–"
            raise UsageError("formula_point", n=count, names=names)
        return self(**dict(zip(self.variables, values, strict=True)))


def _numbers(value: ArrayLike) -> NDArray[Any]:
    array = np.asarray(value)
    return array if array.dtype.kind in "fc" else array.astype(np.float64)


def _value(node: Node, values: dict[str, NDArray[Any]]) -> Any:
    match node:
        case Number():
            return np.float64(node.value)
        case Name():
            return values[node.name]
        case Operation():
            compute = SIGNS.get(node.name) or FUNCTIONS[node.name]
            return compute(*(_value(operand, values) for operand in node.operands))
