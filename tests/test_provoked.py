"""What counts as a problem that the product made: the watch over all tests is held to it here."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.problems import Problem
from tests.provoked import ROOT, Provoked

TOLD = Problem(code="stopped", params={"ledger": "Ledger"})


@pytest.mark.parametrize(
    ("line", "counted"),
    [
        ("Problem(code='stopped', params={'ledger': 'Ledger'})", {"stopped"}),
        ("replace(told, number='1042')", set()),
        ("replace(told, code='stopped', number='1042')", set()),
        ("replace(told, code='too_late')", {"too_late"}),
    ],
    ids=["made", "copied", "copied under its own code", "copied under another"],
)
def test_a_problem_counts_where_the_product_made_it_or_gave_it_another_code(
    line: str, counted: set[str], request: pytest.FixtureRequest
) -> None:
    """A test that hands the product a problem of its own has provoked nothing, wherever that is copied to."""
    watch = request.config.pluginmanager.get_plugin("provoked")
    assert isinstance(watch, Provoked)
    watch.made.clear()
    exec(compile(line, f"{ROOT}/addin/told.py", "exec"), {"Problem": Problem, "replace": replace, "told": TOLD})
    made = set(watch.made)
    watch.made.clear()  # none of it was provoked
    assert made == counted
