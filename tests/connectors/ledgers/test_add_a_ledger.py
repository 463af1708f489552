"""``docs/add-a-ledger.md`` is what it says: the package on it runs, in the style of the house, and is as short as told.

``tests/test_wheel.py`` builds and installs it beside the wheel, and runs the whole suite there.
"""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from connectors.conformance.making import Making, booked
from connectors.entries import LEDGERS
from connectors.ledger import Ledger
from connectors.registry import ledger_type, names
from connectors.sandboxes.server import Server
from tests.connectors.ledgers.written_from_the_page import write


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("abacus")
    assert len(write(folder)) == 7
    return folder


def test_the_package_on_the_page_is_in_the_style_of_the_house(package: Path) -> None:
    settings = ("--isolated", "--no-cache", "--line-length", "120", "--target-version", "py311")
    rules = ("--select", "E,F,W,I,UP,B,A,C4,SIM,RUF,PIE,RET,ANN")
    for words in (("check", *rules), ("format", "--check")):
        style = [sys.executable, "-m", "ruff", *words, *settings, "abacus"]
        ended = subprocess.run(style, cwd=package, capture_output=True, text=True)
        assert ended.returncode == 0, ended.stdout


def test_it_is_a_ledger_as_an_installed_package_is_and_books_every_kind(package: Path, monkeypatch) -> None:
    installed = package / "passerelle_abacus-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: passerelle-abacus\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text(f"[{LEDGERS}]\nabacus = abacus.connector:AbacusLedger\n")
    for folder in (package, package / "suite"):
        monkeypatch.syspath_prepend(str(folder))
    assert "abacus" in names(LEDGERS)
    assert issubclass(ledger_type("abacus"), Ledger)
    harness_of = import_module("test_abacus").AbacusHarness
    with Server(service := import_module("abacus.sandbox").Abacus()) as server:
        harness = harness_of(service, server.url)
        with harness.open() as ledger:
            make = Making(harness, "CAD", ledger)
            customer, supplier = booked(ledger, make.customer(), make.customer("Imprimerie Gagné", is_supplier=True))
            for kind in sorted(ledger.capabilities.kinds):
                booked(ledger, make.of_kind(kind, customer, supplier))
        harness.check()
        assert {row["type"] for row in service.kept["vouchers"]} == {*ledger.capabilities.kinds} - {"customer"}


def test_it_costs_what_the_page_says(package: Path) -> None:
    """A ledger over HTTP, and the stand-in."""
    lines = {path.name: len(path.read_text().splitlines()) for path in (package / "abacus").glob("*.py")}
    stand_in = lines.pop("sandbox.py")
    assert (sum(lines.values()) <= 320, stand_in <= 130) == (True, True), (lines, stand_in)
