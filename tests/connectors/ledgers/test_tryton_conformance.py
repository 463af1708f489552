"""The ``tryton`` ledger keeps the contract of every ledger, on a real Tryton."""

import pytest

from connectors.conformance import LedgerConformance, TellsChanges
from connectors.problems import CannotRun
from tests.connectors.ledgers.tryton_harness import served

pytestmark = pytest.mark.tryton


@pytest.fixture(scope="module")
def tryton(tmp_path_factory):
    """A running Tryton."""
    try:
        with served(tmp_path_factory.mktemp("tryton")) as harness:
            yield harness
    except CannotRun as missing:
        pytest.skip(f"Tryton cannot be installed from PyPI: {missing}")


class TestTryton(LedgerConformance, TellsChanges):
    @pytest.fixture
    def harness(self, tryton):
        return tryton.begin_anew()
