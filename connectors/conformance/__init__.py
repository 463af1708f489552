"""What every ledger and every source must do, as a plug-in of pytest: two statements make a whole test file.

class TestMyLedger(LedgerConformance):
    @pytest.fixture
    def harness(self, tmp_path):
        return MyHarness(tmp_path)

class TestMySource(SourceConformance):
    @pytest.fixture
    def harness(self, tmp_path):
        return MySourceHarness(tmp_path)

``pytest_plugins = ("connectors.conformance",)`` in its ``conftest.py`` counts what applied to it, and shows what an
assertion compared. It needs the extra ``conformance`` and nothing of this repository.
"""

from connectors.conformance.applying import pytest_pyfunc_call, pytest_terminal_summary
from connectors.conformance.changes import TellsChanges
from connectors.conformance.harness import Chart, Hands, Harness
from connectors.conformance.ledger import LedgerConformance
from connectors.conformance.source import SourceConformance
from connectors.conformance.source_harness import SourceHarness, Told, Trouble

__all__ = [
    "Chart",
    "Hands",
    "Harness",
    "LedgerConformance",
    "SourceConformance",
    "SourceHarness",
    "TellsChanges",
    "Told",
    "Trouble",
    "pytest_pyfunc_call",
    "pytest_terminal_summary",
]
