"""Accounts and the ledger's customers: offer matches, link, say which are new, search; nothing links by itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from addin.session import Session, identify
from addin.sync.case import Case
from addin.sync.matching import Customers, Match
from addin.sync.offers import offered, offers
from addin.usecases.report import Report, by_kind
from connectors.ledger import LedgerLists
from connectors.problems import CannotRun, Problem
from connectors.records import Kind
from workbook.book import RowKey
from workbook.layout import ACCOUNTS, CANDIDATES
from workbook.review import Typed, text_of
from workbook.row_keys import keyed
from workbook.rows import Cells


def unlinked_accounts(case: Case) -> dict[str, Typed]:
    """The accounts that the ledger does not have and that no reference is typed for, with their rows."""
    return {
        key: typed
        for (kind, key), typed in case.review.rows.items()
        if kind is Kind.CUSTOMER
        and key in case.customers
        and (kind, key) not in case.review.unsound
        and not case.settled((kind, key))
        and not typed.text("reference")
    }


def suggest_matches(session: Session) -> Report:
    """Offer for each unlinked account the ledger's customers it resembles most, as last pulled; links nothing.

    The best stands beside it, all of them in the list of its sync reference.
    """
    case, _ = session.case()
    unlinked = unlinked_accounts(case)
    found = {key: matches for key, matches in candidates(case, unlinked).items() if matches}
    _offer(session, case, found)
    session.book.save()
    session.log("suggest", "done", kind=Kind.CUSTOMER, message=f"{len(found)} / {len(unlinked)}")
    counts = {"suggested": by_kind(Kind.CUSTOMER for _ in found)}
    return Report(run=session.run.id, counts=counts, facts={"unlinked": len(unlinked)})


NONE: Cells = {"suggested": None, "score": None}


def candidates(case: Case, accounts: Collection[str]) -> dict[str, list[Match]]:
    """By account the customers it may be that no other account is linked to, the best first."""
    found = offers((case.customers[key] for key in accounts), case.lists.customers, linked_customers(case))
    return {account.key: matches for account, matches in found}


def _offer(session: Session, case: Case, found: Mapping[str, Sequence[Match]]) -> None:
    changes: dict[RowKey, Cells] = {}
    texts = {key: [offered(match, session.say) for match in matches] for key, matches in found.items()}
    for (kind, key), typed in case.review.rows.items():
        if kind is Kind.CUSTOMER:
            best = key in texts
            said: Cells = {"suggested": texts[key][0], "score": Decimal(found[key][0].score) / 100} if best else NONE
            if any(typed.rows[0].values.get(column) != value for column, value in said.items()):
                changes[key,] = said
    session.book.write(ACCOUNTS, changes)
    if session.book.read(CANDIDATES).found:
        session.book.replace(
            CANDIDATES, [{"key": key, **dict(zip(PLACES, three, strict=False))} for key, three in texts.items()]
        )


PLACES = ("first", "second", "third")
"""The columns of the candidates, in the order of how sure they are."""


def linked_customers(case: Case) -> set[str]:
    """The ledger's customers that an account is linked to."""
    transfers = (case.settled((Kind.CUSTOMER, key)) for key in case.customers)
    typed = (row.text("reference") for (kind, _), row in case.review.rows.items() if kind is Kind.CUSTOMER)
    return {transfer.ledger_id for transfer in transfers if transfer} | set(filter(None, typed))


def find(session: Session, text: str) -> Report:
    """The ledger's customers, as last pulled, that a text may mean; the best first."""
    found = Customers(session.lists(LedgerLists()).customers).find(text)
    rows = [
        {
            "reference": match.customer.reference,
            "name": match.customer.name,
            "number": match.customer.number,
            "email": match.customer.email,
            "phone": match.customer.phone,
            "score": match.score,
        }
        for match in found
    ]
    return Report(run=session.run.id, facts={"text": text, "customers": rows})


def find_typed(session: Session) -> Report:
    """Search the ledger's customers for the text in the workbook's search, else for the selected account's name."""
    text = session.identity.get("search", "")
    if text:
        identify(session.book, {"search": ""})
    return find(session, text or _selected_name(session))


def _selected_name(session: Session) -> str:
    selected = session.book.selected(ACCOUNTS)
    rows = keyed(ACCOUNTS, session.book.read(ACCOUNTS).rows)
    names = [text_of(row.values.get("name")) for key, row in rows if key in selected]
    if not any(names):
        raise CannotRun(Problem(code="nothing_selected"))
    return names[0]
