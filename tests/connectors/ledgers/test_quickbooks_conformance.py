"""The ``quickbooks-online`` ledger keeps the contract of every ledger, over HTTP and signed in as a person would.

All that the suite makes it send is recorded where it leaves, and held to the vendor's documented samples. The company
keeps several currencies; one that keeps its own alone is in ``test_quickbooks_currencies``.
"""

import json
import os
import sys
from collections import Counter

import pytest

from connectors.conformance import LedgerConformance, TellsChanges
from tests.connectors.ledgers.quickbooks_bodies import among_those_kept
from tests.connectors.ledgers.quickbooks_harness import quickbooks
from tests.connectors.ledgers.quickbooks_wire import recorded


@pytest.fixture(scope="class")
def requests(request, tmp_path_factory):
    """How many requests of each kind were checked; with several workers, the last one to end tells of them all."""
    kinds = Counter()
    yield kinds
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    (shared / f"wire-{os.getpid()}.json").write_text(json.dumps(kinds), encoding="utf-8")
    told = Counter()
    for path in shared.glob("wire-*.json"):
        told.update(json.loads(path.read_text(encoding="utf-8")))
    lines = (
        f"\nQuickBooks Online: {len(told)} kinds of request, {told.total()} bodies and queries checked",
        "; ".join(f"{kind} {number}" for kind, number in sorted(told.items())),
    )
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(*lines, sep="\n", file=sys.stderr)


class TestQuickBooksOnline(LedgerConformance, TellsChanges):
    @pytest.fixture
    def harness(self, request, tmp_path, monkeypatch, requests):
        company = quickbooks(tmp_path, monkeypatch, currencies=True)
        with among_those_kept(request.node.name), recorded() as recorder, company as harness:
            yield harness
        requests.update(recorder.kinds)
