"""Several rules at once: a text that all of them allow, and beginnings that no such text has.

A state of the product is one state of each rule. That each of them can still come to an end does
not say that all can together: of five digits with a check digit, four leave one digit out of ten.
So a search looks ahead for one text that all allow, and remembers for every state on its way
whether there is one. It gives up, and takes the state for a good one, where that takes long: then
the beginning is only left later, for what counts is that all rules allow the text in the end.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from imagier.reading.decoding import TextRule

__all__ = ["RuleProduct"]

States = tuple[Any, ...]
MOST_REMEMBERED = 200_000  # steps and states
PATIENCE = 5_000  # states that one search looks at


class RuleProduct:
    """The texts that several rules allow.

    Args:
        rules: The rules.
        characters: Those that texts are made of.
        looks_ahead: Whether beginnings are left that no text has; it pays where rules are small.
    """

    def __init__(
        self, rules: Sequence[TextRule], characters: Sequence[str], *, looks_ahead: bool
    ) -> None:
        self.rules = tuple(rules)
        self.characters = tuple(characters)
        self.looks_ahead = looks_ahead and len(self.rules) > 1
        self._steps: dict[tuple[States, str], States | None] = {}
        self._can_end: dict[States, bool] = {}

    @property
    def start(self) -> States:
        """The state before the first character."""
        return tuple(rule.start for rule in self.rules)

    def step(self, state: States, character: str) -> States | None:
        """Give the state after a character; None where no allowed text can follow."""
        key = (state, character)
        if key not in self._steps:
            if len(self._steps) >= MOST_REMEMBERED:
                self._steps.clear()
            after = self._after(state, character)
            is_left = after is None or (self.looks_ahead and not self.can_end(after))
            self._steps[key] = None if is_left else after
        return self._steps[key]

    def is_final(self, state: States) -> bool:
        """Tell whether all rules allow the text so far."""
        return all(rule.is_final(one) for rule, one in zip(self.rules, state, strict=True))

    def allows_anything(self) -> bool:
        """Tell whether any text is allowed but the empty one, as far as a search finds out."""
        return any(self.can_end(after) for after in self._next(self.start))

    def can_end(self, state: States) -> bool:
        """Tell whether an allowed text can follow on a state, or be there already."""
        if len(self._can_end) >= MOST_REMEMBERED:
            self._can_end.clear()
        if state not in self._can_end:
            self._search(state)
        return self._can_end[state]

    def _search(self, state: States) -> None:
        """Go through what can follow, deep first, until something allowed is found."""
        seen = {state}
        way: list[tuple[States, Iterator[States]]] = [(state, self._next(state))]
        is_found = self.is_final(state)
        while way and not is_found:
            after = next(way[-1][1], None)
            if after is None:
                way.pop()
            elif self._can_end.get(after) or self.is_final(after):
                is_found = True
            elif after not in seen and after not in self._can_end:
                seen.add(after)
                way.append((after, self._next(after)))
            if len(seen) > PATIENCE:
                self._can_end[state] = True
                return
        found = [one for one, _ in way] if is_found else seen
        self._can_end |= dict.fromkeys([state, *found], is_found)

    def _next(self, state: States) -> Iterator[States]:
        for character in self.characters:
            after = self._after(state, character)
            if after is not None:
                yield after

    def _after(self, state: States, character: str) -> States | None:
        found = []
        for rule, one in zip(self.rules, state, strict=True):
            after = rule.step(one, character)
            if after is None:
                return None
            found.append(after)
        return tuple(found)
