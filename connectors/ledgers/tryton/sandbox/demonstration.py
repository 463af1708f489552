"""The stand-in in the demo: a company as its accountant would have kept it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from connectors.demonstration import Demonstration
from connectors.ledger import LedgerLists, Posting
from connectors.ledgers.tryton.rpc import Rpc
from connectors.ledgers.tryton.sandbox.kept import keep
from connectors.ledgers.tryton.sandbox.server import CACHE, DATABASE, USER, copy, free_port, prepared, running
from connectors.ledgers.tryton.settings import TrytonSettings
from connectors.secrets.store import variable


@contextmanager
def demonstrate(folder: Path, kept: LedgerLists, by_hand: Sequence[Posting]) -> Iterator[Demonstration]:
    """Run Tryton on a free port, with the books that a person kept; ``folder`` keeps them for ``serve``.

    Raises ``CannotRun`` when Tryton cannot be installed or does not start.
    """
    template, password = prepared(CACHE)
    folder.mkdir(parents=True, exist_ok=True)
    copy(template, folder / f"{DATABASE}.sqlite")
    port = free_port()
    given = {"url": f"http://127.0.0.1:{port}", "database": DATABASE, "user": USER, "deposit": kept.deposit}
    settings = TrytonSettings.model_validate(given)
    with running(folder, port, CACHE):
        rpc = Rpc(settings, lambda: password)
        keep(rpc, kept, by_hand)
        rpc.close()
        yield Demonstration(
            settings=given,
            environment={variable(settings.secret): password.reveal()},
            port=port,
        )
