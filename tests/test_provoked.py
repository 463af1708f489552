"""What counts as a problem that the product made: the watch over all tests is held to it here."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace

import pytest

from connectors.problems import Problem
from tests.provoked import ROOT, Provoked, leaves_out_machines_alone

TOLD = Problem(code="stopped", params={"ledger": "Ledger"})


@pytest.mark.parametrize(
    ("line", "place", "counted"),
    [
        ("Problem(code='stopped', params={'ledger': 'Ledger'})", "addin", {"stopped"}),
        ("replace(told, number='1042')", "addin", set()),
        ("replace(told, code='stopped', number='1042')", "addin", set()),
        ("replace(told, code='too_late')", "addin", {"too_late"}),
        ("Problem(code='stopped', params={'ledger': 'Ledger'})", "connectors/conformance", set()),
    ],
    ids=["made", "copied", "copied under its own code", "copied under another", "made by the suite that ships"],
)
def test_a_problem_counts_where_the_product_made_it_or_gave_it_another_code(
    line: str, place: str, counted: set[str], request: pytest.FixtureRequest
) -> None:
    """A test that hands the product a problem of its own has provoked nothing, wherever that is copied to."""
    watch = request.config.pluginmanager.get_plugin("provoked")
    assert isinstance(watch, Provoked)
    watch.made.clear()
    exec(compile(line, f"{ROOT}/{place}/told.py", "exec"), {"Problem": Problem, "replace": replace, "told": TOLD})
    made = set(watch.made)
    watch.made.clear()  # none of it was provoked
    assert made == counted


def test_the_default_run_and_the_one_of_ci_count_as_whole() -> None:
    """What is written in `pyproject.toml` and in `.ci/run` is a whole run, in which every code has to be provoked."""
    options = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]
    (default,) = re.findall(r"-m '([^']+)'", options["addopts"])
    first, *_ = re.findall(r'tested -m "([^"]+)"', (ROOT / ".ci" / "run").read_text(encoding="utf-8"))
    assert leaves_out_machines_alone(default)
    assert leaves_out_machines_alone(first)


@pytest.mark.parametrize("markers", ["tryton", "not slow", "tryton and not long", "not tryton and long"])
def test_a_part_does_not(markers: str) -> None:
    """A run of some tests alone provokes some codes alone."""
    assert not leaves_out_machines_alone(markers)
