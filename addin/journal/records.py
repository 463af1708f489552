"""The records behind what was seen, each read from its text when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from addin.journal.rows import RecordKey, Seen
from connectors.records import Transferable


class Records(Mapping[RecordKey, Transferable]):
    """Most of a company's records are settled, and nothing asks for more than their kind, key and number."""

    def __init__(self, seen: Mapping[RecordKey, Seen]) -> None:
        self._seen = dict(seen)
        self._read: dict[RecordKey, Transferable] = {}

    def __getitem__(self, key: RecordKey) -> Transferable:
        if key not in self._read:
            self._read[key] = self._seen[key].record()
        return self._read[key]

    def __contains__(self, key: object) -> bool:
        return key in self._seen

    def __iter__(self) -> Iterator[RecordKey]:
        return iter(self._seen)

    def __len__(self) -> int:
        return len(self._seen)
