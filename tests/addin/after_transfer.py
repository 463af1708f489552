"""A small company whose records are in a plain-text book already, and what tests of their later changes ask of it."""

from __future__ import annotations

import pytest
from beancount import loader
from beancount.core.data import Transaction

from addin.usecases.check import check
from connectors.ledger import Outcome, Posting
from connectors.ledgers.beancount.connector import BeancountLedger
from connectors.problems import CannotRun, Problem
from tests.addin.conftest import Association, add_invoice


def add_money_on_account(association: Association) -> None:
    """Beside its paid invoice an open one of 114.98, and 60.00 on account."""
    add_invoice(association, "I2", "F-2", balance="114.98")
    association.add("payments", key="P2", number="R-2", date="2025-02-10", account="A1", currency="CAD",
                    amount="60.00", method="cheque")  # fmt: skip


def transfer_all(association: Association) -> None:
    """Everything is pulled and in the ledger."""
    association.init()
    association.pull()
    assert association.sync().problems == ()


def codes(association: Association) -> list[tuple[str, str]]:
    """What Check says, by record."""
    return sorted((problem.key, problem.code) for problem in association.run(check).problems)


def transactions(association: Association) -> list[Transaction]:
    """The transactions of the book, which is sound."""
    entries, errors, _ = loader.load_file(str(association.folder / "book.beancount"))
    assert errors == []
    return [entry for entry in entries if isinstance(entry, Transaction)]


def lose_the_answer(patch: pytest.MonkeyPatch, when: str) -> None:
    """The ledger is not reached any more, before it wrote what it was sent or after."""
    post = BeancountLedger.post

    def lost(self: BeancountLedger, postings: list[Posting]) -> list[Outcome]:
        if when == "after":
            list(post(self, postings))
        raise CannotRun(Problem(code="ledger_unreachable", params={"ledger": "Beancount"}))

    patch.setattr(BeancountLedger, "post", lost)
