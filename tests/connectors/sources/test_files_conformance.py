"""The ``files`` source keeps the contract of every source."""

import pytest

from connectors.conformance import SourceConformance
from tests.connectors.sources.files_harness import FilesHarness


class TestFiles(SourceConformance):
    @pytest.fixture
    def harness(self, tmp_path):
        return FilesHarness(tmp_path)
