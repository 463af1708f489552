"""Parameters, and examples of properties, of which the default run tries a few and CI all."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from _pytest.mark import ParameterSet
from hypothesis import settings

WHOLE = 100
"""Examples of a property in a whole run, unless it says otherwise."""


def sampled(values: Iterable[str], *few: str) -> list[str | ParameterSet]:
    """Each of the values as a parameter; those that are not among the few make a long test.

    Raises ``ValueError`` where one of the few is no value.
    """
    every = list(values)
    if unknown := set(few) - set(every):
        raise ValueError(f"not among the values: {unknown}")
    return [value if value in few else pytest.param(value, marks=pytest.mark.long) for value in every]


def examples(whole: int) -> int:
    """How many examples of a property to try in this run, of so many in a whole one."""
    return max(1, whole * settings().max_examples // WHOLE)
