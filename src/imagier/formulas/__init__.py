"""A formula that a user types becomes a function, and nothing else can come of it.

How can a program take `0.5*(3*t+4)**2` from a stranger without running the stranger's code? It is
cut into words, of which only numbers, names, signs and parentheses exist; Python's own grammar
tells what belongs to what; and each piece of that tree must stand on a list. What is not on the
list is refused with its place. Nothing is ever compiled or carried out as Python.

>>> g = parse_formula("0.5*(3*t+4)**2")
>>> g.variables, g(t=1)
(('t',), 24.5)
>>> g(t=[-1, 0, 1]).tolist()
[0.5, 8.0, 24.5]

The deck's way of writing works too, with the French decimal comma:

>>> parse_formula("0,5·(3·t + 4)²")(t=1)
24.5
"""

from imagier.formulas.formula import Formula
from imagier.formulas.operations import CONSTANTS, FUNCTIONS
from imagier.formulas.parsing import parse_formula

__all__ = ["CONSTANTS", "FUNCTIONS", "Formula", "parse_formula"]
