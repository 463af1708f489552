"""The ``quickbooks-online`` ledger keeps the contract of every ledger, over HTTP and signed in as a person would."""

import pytest

from tests.conformance import LedgerConformance
from tests.connectors.ledgers.quickbooks_harness import quickbooks


class TestQuickBooksOnline(LedgerConformance):
    @pytest.fixture
    def harness(self, tmp_path, monkeypatch):
        with quickbooks(tmp_path, monkeypatch) as harness:
            yield harness
