"""What every ledger must do: two statements make a ledger's whole test file.

class TestMyLedger(LedgerConformance):
    @pytest.fixture
    def harness(self, tmp_path):
        return MyHarness(tmp_path)
"""

import pytest

pytest.register_assert_rewrite(
    *(f"tests.conformance.{part}" for part in ("changes", "ledger", "making", "searching", "undoing"))
)

from tests.conformance.changes import TellsChanges  # noqa: E402 - assertions are rewritten only before the import
from tests.conformance.harness import Chart, Hands, Harness  # noqa: E402
from tests.conformance.ledger import LedgerConformance  # noqa: E402

__all__ = ["Chart", "Hands", "Harness", "LedgerConformance", "TellsChanges"]
