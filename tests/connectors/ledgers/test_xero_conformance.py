"""The ``xero`` ledger keeps the contract of every ledger, over HTTP and signed in as a person would."""

import pytest

from connectors.conformance import LedgerConformance, TellsChanges
from tests.connectors.ledgers.xero_harness import xero


class TestXero(LedgerConformance, TellsChanges):
    @pytest.fixture
    def harness(self, tmp_path, monkeypatch):
        with xero(tmp_path, monkeypatch) as harness:
            yield harness
