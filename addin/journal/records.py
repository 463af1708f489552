"""What is remembered of a company's records: what is awake at once, everything else when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Self, TypeVar

from addin.journal.rows import RecordKey, Seen
from connectors.records import Transferable

V = TypeVar("V")


class OnDemand(Mapping[RecordKey, V]):
    """Values read by their keys when they are first asked for; going through all of them reads them all.

    A company has a hundred thousand records of which a sync looks at a few; ``read`` without keys reads everything.
    """

    def __init__(self, read: Callable[[Collection[RecordKey] | None], Mapping[RecordKey, V]]) -> None:
        self._read = read
        self._known: dict[RecordKey, V | None] = {}
        self._whole = False

    def fetch(self, keys: Iterable[RecordKey]) -> Self:
        """Read what is not known of these, all at once."""
        missing = dict.fromkeys(key for key in keys if key not in self._known)
        if missing and not self._whole:
            self._known |= {**missing, **self._read(missing)}
        return self

    def having(self, changed: Mapping[RecordKey, V]) -> Self:
        """A copy in which the records that changed have the values that they now have."""
        copy = type(self)(self._read)
        copy._known, copy._whole = {**self._known, **changed}, self._whole
        return copy

    def known(self) -> Mapping[RecordKey, V]:
        """What was read so far."""
        return {key: value for key, value in self._known.items() if value is not None}

    def __getitem__(self, key: RecordKey) -> V:
        if key not in self._known:
            self.fetch((key,))
        value = self._known.get(key)
        if value is None:
            raise KeyError(key)
        return value

    def __iter__(self) -> Iterator[RecordKey]:
        if not self._whole:
            self._known = {**self._read(None), **self._known}
            self._whole = True
        return (key for key, value in self._known.items() if value is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Records(Mapping[RecordKey, Transferable]):
    """The records behind what was seen, each read from its text when it is first asked for."""

    def __init__(self, seen: Mapping[RecordKey, Seen]) -> None:
        self._seen = seen
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
