"""The mutations of the rules of the books do not rot: each rule has some, and each line still stands where it stood."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.auditor.mutations import caught_by, listed, tests


def test_every_rule_of_the_books_has_a_mutation() -> None:
    assert {mutation.rule for mutation in listed()} == set(range(1, 12))


@pytest.mark.parametrize("mutation", listed(), ids=lambda mutation: f"{mutation.rule}: {mutation.breaks}")
def test_each_changes_one_line_that_stands_once(mutation, tmp_path: Path) -> None:
    assert len(mutation.found()) == 1
    assert mutation.line != mutation.becomes
    assert mutation.test in tests()
