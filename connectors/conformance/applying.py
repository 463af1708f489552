"""Statements that do not apply to a ledger say so, and are counted by class beside those that asserted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Generator

import pytest

OF, OUT = "conformance of", "did not apply"


class DidNotApply(pytest.skip.Exception):  # type: ignore[misc,name-defined]
    """The ledger under test does not declare what the statement is about: where nobody counts, it is skipped."""


def only_where(declared: object) -> None:
    """Go on where the ledger declares this. Raises ``DidNotApply``, which passes and is counted."""
    if not declared:
        raise DidNotApply("not declared by this ledger")


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Note of a statement whether it applied."""
    if not any(each.__module__.startswith(__package__) for each in getattr(pyfuncitem.cls, "__mro__", ())):
        return (yield)
    pyfuncitem.user_properties.append((OF, pyfuncitem.cls.__name__))
    try:
        return (yield)
    except DidNotApply:
        pyfuncitem.user_properties.append((OUT, True))
        return True


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say of each ledger under test how many statements asserted, and how many did not apply."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for report in terminalreporter.getreports("passed"):
        told = dict(report.user_properties)
        if report.when == "call" and OF in told:
            counts[str(told[OF])][OUT if OUT in told else "asserted"] += 1
    for name, count in sorted(counts.items()):
        terminalreporter.write_line(f"conformance, {name}: {count['asserted']} asserted, {count[OUT]} did not apply")
