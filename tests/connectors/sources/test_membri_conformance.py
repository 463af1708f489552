"""The ``membri`` source keeps the contract of every source, over HTTP and signed in as its application."""

import pytest

from connectors.conformance import SourceConformance
from tests.connectors.sources.membri_harness import membri


class TestMembri(SourceConformance):
    @pytest.fixture
    def harness(self, tmp_path, monkeypatch):
        with membri(tmp_path, monkeypatch) as harness:
            yield harness
