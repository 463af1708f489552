"""The connectors that are installed, by their entry points; imports none of them."""

from __future__ import annotations

import sys
from functools import cache
from importlib.metadata import EntryPoints, entry_points

LEDGERS = "passerelle.ledgers"
SOURCES = "passerelle.sources"


def installed(group: str) -> EntryPoints:
    """The connectors of a group (``LEDGERS`` or ``SOURCES``)."""
    return _points(group, tuple(sys.path))


@cache
def _points(group: str, _: tuple[str, ...]) -> EntryPoints:
    """The entry points of a group, once for a search path: each look reads the metadata of every installed package."""
    return entry_points(group=group)
