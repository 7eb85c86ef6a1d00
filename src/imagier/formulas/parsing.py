"""Reads a formula by an allow-list: what the list does not name, a formula does not have."""

import ast
from collections.abc import Iterable

from imagier.errors import UsageError, did_you_mean
from imagier.files import printable
from imagier.formulas.formula import Formula, Name, Node, Number, Operation
from imagier.formulas.notation import Word, words_of
from imagier.formulas.operations import CONSTANTS, FUNCTIONS, OF_TWO

__all__ = ["parse_formula"]

MOST_CHARACTERS = 1000
MOST_LEVELS = 100
_SIGNS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
    ast.USub: "negative",
    ast.UAdd: "positive",
}


def parse_formula(text: str, *, names: Iterable[str] | None = None) -> Formula:
    """Read a formula; it can then be computed, and nothing but computed.

    Known are numbers, names, `+ - * / **` (or `^`, `²`, `³`, `×`, `·`), parentheses, the functions
    of `FUNCTIONS` and the constants of `CONSTANTS`.

    Args:
        text: What was typed.
        names: The only names that may stand for variables; any may when left out.

    Raises:
        UsageError: A code that begins with `formula_`; the sentence names the place.

    >>> parse_formula("a*exp(-b*x) + c").variables
    ('a', 'b', 'c', 'x')
    >>> parse_formula("__import__('os')")
    Traceback (most recent call last):
    imagier.errors.UsageError: ...
    """
    if len(text) > MOST_CHARACTERS:
        raise UsageError("formula_too_long", n=len(text), limit=MOST_CHARACTERS)
    words = words_of(text)
    if not words:
        raise UsageError("formula_empty")
    reading = _Reading(text, words, None if names is None else sorted(names))
    tree = reading.node(reading.grammar(), 0)
    return Formula(text=text, variables=tuple(sorted(reading.variables)), tree=tree)


class _Reading:
    """One formula while it is read: its words, and the variables seen so far."""

    def __init__(self, text: str, words: list[Word], names: list[str] | None) -> None:
        self.text = text
        self.names = names
        self.variables: set[str] = set()
        self.words = words
        self.python = " ".join(word.text for word in words)

    def grammar(self) -> ast.expr:
        """Ask Python's grammar what belongs to what; the tree is only looked at, never run."""
        try:
            return ast.parse(self.python, mode="eval").body
        except SyntaxError as error:
            # no place: the end came too early
            place = self._place(error.offset - 1 if error.offset else len(self.python))
            near = printable(self.text[max(place - 5, 0) : place + 5].strip())
            raise UsageError("formula_syntax", place=place + 1, near=near) from error
        except (RecursionError, MemoryError) as error:
            raise UsageError("formula_too_deep", limit=MOST_LEVELS) from error

    def node(self, tree: ast.expr, level: int) -> Node:
        """Turn a piece of Python's tree into one of ours, or refuse it."""
        if level > MOST_LEVELS:
            raise UsageError("formula_too_deep", limit=MOST_LEVELS)
        match tree:
            case ast.Constant(value=float(value)):
                return Number(value=value)
            case ast.Name():
                return self._name(tree)
            case ast.UnaryOp() if type(tree.op) in _SIGNS:
                return self._operation(_SIGNS[type(tree.op)], [tree.operand], level)
            case ast.BinOp() if type(tree.op) in _SIGNS:
                return self._operation(_SIGNS[type(tree.op)], [tree.left, tree.right], level)
            case ast.Call(func=ast.Name(), keywords=[]):
                return self._operation(self._function(tree), tree.args, level)
            case _:
                raise self._refusal(tree)

    def _operation(self, name: str, operands: list[ast.expr], level: int) -> Node:
        below = tuple([self.node(operand, level + 1) for operand in operands])
        return Operation(name=name, operands=below)

    def _name(self, tree: ast.Name) -> Node:
        name = tree.id
        place = self._place_of(tree) + 1
        if self.names is None or name not in self.names:
            if name in CONSTANTS:
                return Number(value=CONSTANTS[name])
            if name in FUNCTIONS:
                raise UsageError("formula_function_alone", name=name, place=place)
            if self.names is not None:
                shown, known = ", ".join(self.names), [*self.names, *CONSTANTS]
                facts = {"names": shown, "hint": did_you_mean(name, known)}
                raise UsageError("formula_unknown_name", name=printable(name), place=place, **facts)
        self.variables.add(name)
        return Name(name=name)

    def _function(self, tree: ast.Call) -> str:
        assert isinstance(tree.func, ast.Name)  # noqa: S101 - seen by the caller
        name, place = tree.func.id, self._place_of(tree) + 1
        if name not in FUNCTIONS:
            hint = did_you_mean(name.lower(), FUNCTIONS)
            facts = {"hint": hint, "functions": ", ".join(FUNCTIONS)}
            raise UsageError("formula_unknown_function", name=printable(name), place=place, **facts)
        wanted = 2 if name in OF_TWO else 1
        if len(tree.args) != wanted:
            example = f"{name}({'x, 0' if wanted == 2 else 'x'})"
            facts = {"wanted": str(wanted), "example": example}
            raise UsageError("formula_arguments", n=len(tree.args), name=name, place=place, **facts)
        return name

    def _refusal(self, tree: ast.expr) -> UsageError:
        part = printable((ast.get_source_segment(self.python, tree) or "")[:40])
        return UsageError("formula_not_allowed", part=part, place=self._place_of(tree) + 1)

    def _place_of(self, tree: ast.expr) -> int:
        before = self.python.encode()[: tree.col_offset]  # Python counts bytes
        return self._place(len(before.decode()))

    def _place(self, column: int) -> int:
        """Find the typed character that a column of the Python text came from."""
        beginning = 0
        for word in self.words:
            if column <= beginning + len(word.text):
                return word.place
            beginning += len(word.text) + 1
        return len(self.text)
