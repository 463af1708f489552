"""Numbers of records that we make ourselves: none that another has, and none longer than the ledger takes."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count


class Numbers:
    """The numbers that are taken, in any case of letters; ``longest`` is how many characters the ledger takes."""

    def __init__(self, taken: Iterable[str], longest: int | None = None) -> None:
        self._taken, self._longest = {number.casefold() for number in taken}, longest

    def free(self, number: str, ending: str) -> str:
        """A number made of another and an ending, taken from then on; of one too long its end is left, which tells
        it from the others."""
        for which in count(1):
            end = f"-{ending}" if which == 1 else f"-{ending}/{which}"
            made = number[-max(1, self._longest - len(end)) if self._longest else None :] + end
            if made.casefold() not in self._taken:
                break
        self._taken.add(made.casefold())
        return made
