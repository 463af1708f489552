"""The mutations of the rules of the books do not rot: each rule has some, and each line still stands where it stood."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.auditor.mutations import Mutation, caught_by, comparisons, listed, sampled


def test_every_rule_of_the_books_has_a_mutation() -> None:
    assert {mutation.rule for mutation in listed()} == set(range(1, 12))


@pytest.mark.parametrize("mutation", listed(), ids=lambda mutation: f"{mutation.rule}: {mutation.breaks}")
def test_each_changes_one_line_that_stands_once(mutation: Mutation) -> None:
    assert len(mutation.found()) == 1
    assert mutation.line != mutation.becomes
    assert mutation.test in comparisons()


@pytest.mark.long
@pytest.mark.parametrize("mutation", sampled(listed(), 2, seed=7), ids=lambda mutation: mutation.breaks)
def test_the_auditor_catches_it(mutation: Mutation, tmp_path: Path) -> None:
    """Two of them; all on demand, by ``python -m tests.auditor.mutations``."""
    assert caught_by(mutation, tmp_path)
