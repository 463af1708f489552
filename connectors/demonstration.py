"""What a stand-in shows of a ledger or a source to somebody who has none: the demo's contract with it.

A module ``sandbox`` beside a ledger may offer ``demonstrate(folder, kept, by_hand)``, a context manager that starts the
stand-in on a free port of this machine, enters the books that a person kept before us, and gives a ``Demonstration``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from connectors.ledger import LedgerLists, Posting


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstration:
    """A running stand-in, as an accountant's administrator would tell us of it.

    ``references`` are the sync references of the customers and documents that were kept, where they are not the ones
    of ``kept``; ``choices`` what the accountant chooses on the Mapping sheet, by field of ``LedgerLists`` and our code.
    ``consent`` answers the sign-in's page as a person's browser would. ``port`` is the stand-in's, where it can be
    started again on its folder; 0 where there is nothing to start.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    references: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    consent: Callable[[str], bool] | None = None
    port: int = 0


Demonstrate = Callable[[Path, LedgerLists, Sequence[Posting]], AbstractContextManager[Demonstration]]
DemonstrateSource = Callable[[Path, Path], AbstractContextManager[Demonstration]]
"""Of a source: ``demonstrate(folder, sample)``, filled from the folder of the sample's files, which are enough for one
that has no stand-in."""
