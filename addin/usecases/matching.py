"""Accounts and the ledger's customers: suggest matches, link, say which are new, search; nothing links by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from addin.session import Session, identify
from addin.sync.case import Case
from addin.sync.matching import Customers, by_shown, shown, suggestions
from addin.usecases.check import check
from addin.usecases.report import Report, by_kind
from connectors.ledger import LedgerLists
from connectors.problems import CannotRun, Problem
from connectors.records import Customer, Kind
from workbook.book import RowKey
from workbook.layout import ACCOUNTS
from workbook.review import Typed, text_of
from workbook.row_keys import keyed
from workbook.rows import Cells


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which accounts are meant: of these numbers or keys, suggested with this score (per cent) at least, or selected.

    Where neither a number nor a score is given, it is the rows that a person has selected in the open workbook.
    """

    numbers: Collection[str] = ()
    above: int | None = None

    def of(self, session: Session, case: Case) -> dict[str, Typed]:
        """The unlinked accounts meant, with their rows. Raises ``CannotRun`` (nothing_selected)."""
        unlinked = unlinked_accounts(case)
        if self.numbers or self.above is not None:
            return {key: typed for key, typed in unlinked.items() if self._means(case.customers[key], typed)}
        selected = session.book.selected(ACCOUNTS)
        if not selected:
            raise CannotRun(Problem(code="nothing_selected"))
        return {key: typed for key, typed in unlinked.items() if (key,) in selected}

    def _means(self, account: Customer, typed: Typed) -> bool:
        score = typed.rows[0].values.get("score")
        named = not self.numbers or account.number in self.numbers or account.key in self.numbers
        sure = self.above is None or (isinstance(score, Decimal) and score * 100 >= self.above)
        return named and sure


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
    """Show beside each unlinked account the ledger's customer it resembles most, as last pulled; links nothing."""
    case, _ = session.case()
    unlinked = unlinked_accounts(case)
    accounts = [case.customers[key] for key in unlinked]
    found = {a.key: match for a, match in suggestions(accounts, case.lists.customers, _taken(case)) if match}
    changes: dict[RowKey, Cells] = {}
    for (kind, key), typed in case.review.rows.items():
        if kind is Kind.CUSTOMER:
            match = found.get(key)
            said: Cells = {"suggested": shown(match.customer), "score": Decimal(match.score) / 100} if match else _NONE
            if any(typed.rows[0].values.get(column) != value for column, value in said.items()):
                changes[key,] = said
    session.book.write(ACCOUNTS, changes)
    session.book.save()
    session.log("suggest", "done", kind=Kind.CUSTOMER, message=f"{len(found)} / {len(unlinked)}")
    counts = {"suggested": by_kind(Kind.CUSTOMER for _ in found)}
    return Report(run=session.run.id, counts=counts, facts={"unlinked": len(unlinked)})


_NONE: Cells = {"suggested": None, "score": None}


def _taken(case: Case) -> set[str]:
    """The ledger's customers that an account is linked to."""
    transfers = (case.settled((Kind.CUSTOMER, key)) for key in case.customers)
    typed = (row.text("reference") for (kind, _), row in case.review.rows.items() if kind is Kind.CUSTOMER)
    return {transfer.ledger_id for transfer in transfers if transfer} | set(filter(None, typed))


def link(session: Session, chosen: Chosen = Chosen()) -> Report:
    """Take the suggested match of the chosen accounts as their sync reference; two of one match are left alone."""
    case, _ = session.case()
    meant = chosen.of(session, case)
    customers = by_shown(case.lists.customers)
    suggested = {key: customers[text] for key, typed in meant.items() if (text := typed.text("suggested")) in customers}
    wanted = Counter(customer.reference for customer in suggested.values())
    taken = _taken(case)
    links = {key: c.reference for key, c in suggested.items() if wanted[c.reference] == 1 and c.reference not in taken}
    no = session.names({}).yes_no(False)
    cells: dict[str, Cells] = {key: {"reference": found, "new_account": no, **_NONE} for key, found in links.items()}
    return _decided(session, "link", meant, cells)


def create_new(session: Session, chosen: Chosen = Chosen()) -> Report:
    """Say that the chosen accounts are new to the ledger."""
    case, _ = session.case()
    meant = chosen.of(session, case)
    yes = session.names({}).yes_no(True)
    return _decided(session, "create_new", meant, {key: {"new_account": yes, **_NONE} for key in meant})


def _decided(session: Session, action: str, meant: Mapping[str, Typed], cells: Mapping[str, Cells]) -> Report:
    """Write what was decided, and check anew."""
    session.book.write(ACCOUNTS, {(key,): values for key, values in cells.items()})
    problems = check(session).problems
    session.log(action, "done", kind=Kind.CUSTOMER, message=f"{len(cells)} / {len(meant)}")
    counts = {"linked" if action == "link" else "new": by_kind(Kind.CUSTOMER for _ in cells)}
    return Report(run=session.run.id, counts=counts, problems=problems, facts={"left": len(meant) - len(cells)})


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
