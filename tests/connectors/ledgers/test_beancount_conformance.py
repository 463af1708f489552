"""The ``beancount`` ledger keeps the contract of every ledger."""

import pytest

from connectors.conformance import LedgerConformance
from tests.connectors.ledgers.beancount_harness import BeancountHarness


class TestBeancount(LedgerConformance):
    @pytest.fixture
    def harness(self, tmp_path):
        return BeancountHarness(tmp_path)
