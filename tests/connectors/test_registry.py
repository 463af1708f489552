"""Connectors are found by name among the packages that are installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.entries import LEDGERS
from connectors.problems import CannotRun
from connectors.registry import ledger_type, source_type


@pytest.mark.parametrize("find", [ledger_type, source_type])
def test_a_name_that_no_package_brings_is_refused_with_those_there_are(find) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(CannotRun, match="connector_unknown") as stopped:
        find("abacus")
    known = {ledger_type: "beancount, quickbooks-online, tryton, xero", source_type: "files, membri"}
    assert stopped.value.problems[0].params == {"name": "abacus", "known": known[find]}


def test_one_whose_own_package_is_missing_says_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "abacus-1.0.dist-info"
    place.mkdir()
    (place / "METADATA").write_text("Metadata-Version: 2.1\nName: abacus\nVersion: 1.0\n")
    (place / "entry_points.txt").write_text(f"[{LEDGERS}]\nabacus = abacus_connector:Abacus\n")
    (tmp_path / "abacus_connector.py").write_text("import abacus_client\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(CannotRun, match="connector_not_installed") as stopped:
        ledger_type("abacus")
    assert stopped.value.problems[0].params == {"name": "abacus", "module": "abacus_client"}
