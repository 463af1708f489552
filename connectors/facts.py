"""The structured log: one line a fact, by name and values; who listens decides where it is written."""

from __future__ import annotations

import logging
from datetime import date
from decimal import Decimal

from connectors.secrets.secret import Secret

Fact = str | int | float | Decimal | date | Secret | None

LOG = logging.getLogger("passerelle")
LOG.addHandler(logging.NullHandler())


def fact(event: str, /, **values: Fact) -> None:
    """Say that something happened; never give it a header, a body or an address with its query.

    A ``Secret`` among the values shows as ``***``.
    """
    LOG.info(event, extra={"values": values})
