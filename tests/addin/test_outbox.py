"""Outcomes are told to the rows and to the source until both know, and no longer (docs/journal.md, "The outbox")."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from connectors.problems import CannotRun, Problem
from connectors.source import Result
from connectors.sources.files.connector import FilesSource
from tests.addin.conftest import Association


def test_the_source_is_told_of_each_outcome_until_it_knows_and_no_longer(
    association: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    acknowledge = FilesSource.acknowledge

    def away(_: FilesSource, results: Sequence[Result]) -> None:
        raise CannotRun(Problem(code="source_unreachable"))

    def counted(source: FilesSource, results: Sequence[Result]) -> Sequence[Problem]:
        told.append(len(results))
        return acknowledge(source, results)

    association.init()
    association.pull()
    monkeypatch.setattr(FilesSource, "acknowledge", away)
    assert "results_wait" in [problem.code for problem in association.sync().problems]
    monkeypatch.setattr(FilesSource, "acknowledge", counted)
    association.sync()
    association.sync()
    assert told == [3]


def test_what_is_told_to_the_source_in_a_run_is_not_told_again_by_the_next(
    association: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sheet is told after the source, and what it is told leaves what the source knows as it is."""
    told: list[int] = []
    acknowledge = FilesSource.acknowledge

    def counted(source: FilesSource, results: Sequence[Result]) -> Sequence[Problem]:
        told.append(len(results))
        return acknowledge(source, results)

    monkeypatch.setattr(FilesSource, "acknowledge", counted)
    association.init()
    association.pull()
    for _ in range(3):
        association.sync()
    assert told == [3]
