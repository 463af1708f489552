"""Which account is which customer of the ledger, as a person decides it: link, link all that are sure, unlink, new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from addin.journal import RecordKey, State
from addin.journal.protocol import OPEN
from addin.session import Session
from addin.sync.case import Case
from addin.sync.checks.resembling import is_another
from addin.sync.offers import Shown, unique
from addin.usecases.check import check
from addin.usecases.matching import NONE, candidates, linked_customers, unlinked_accounts
from addin.usecases.report import Report, by_kind
from connectors.problems import CannotRun, Problem
from connectors.records import Customer, Document, Kind, Payment, SyncStatus
from workbook.layout import ACCOUNTS
from workbook.review import Typed
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """Which linked accounts are meant: of these numbers or keys, every one, or those selected in the open workbook."""

    numbers: Collection[str] = ()
    every: bool = False

    def of(self, session: Session, case: Case) -> dict[str, Typed]:
        """The accounts meant that were linked and not made, with their rows. Raises ``CannotRun``."""
        linked = {key: typed for (kind, key), typed in case.review.rows.items()
                  if kind is Kind.CUSTOMER and _by_link(case, key)}  # fmt: skip
        if self.every:
            return linked
        if self.numbers:
            named = set(self.numbers)
            return {key: typed for key, typed in linked.items() if {key, case.customers[key].number} & named}
        selected = session.book.selected(ACCOUNTS)
        if not selected:
            raise CannotRun(Problem(code="nothing_selected"))
        return {key: typed for key, typed in linked.items() if (key,) in selected}


def _by_link(case: Case, account: str) -> bool:
    transfer = case.settled((Kind.CUSTOMER, account))
    return transfer is not None and transfer.state is State.MANUAL


def link(session: Session, chosen: Chosen = Chosen()) -> Report:
    """Take the suggested match of the chosen accounts as their sync reference; two of one match are left alone."""
    case, _ = session.case()
    meant = chosen.of(session, case)
    known = Shown(case.lists.customers)
    suggested = {key: found for key, typed in meant.items() if (found := known.named(typed.text("suggested")))}
    wanted = Counter(customer.reference for customer in suggested.values())
    taken = linked_customers(case)
    links = {key: c.reference for key, c in suggested.items() if wanted[c.reference] == 1 and c.reference not in taken}
    return _decided(session, "link", meant, _linked(session, links))


def link_sure(session: Session) -> Report:
    """Link every account that certainly is one customer of the ledger, and no other account is; unlink takes it back.

    An account of which a person said that it is another one stays new.
    """
    case, _ = session.case()
    meant = unlinked_accounts(case)
    sure = {key: match.customer.reference for key, match in unique(candidates(case, meant)).items()}
    links = {key: reference for key, reference in sure.items() if not is_another(case, key, reference)}
    return _decided(session, "link_sure", meant, _linked(session, links))


def unlink(session: Session, chosen: Linked = Linked()) -> Report:
    """Take the links of the chosen accounts away again, as far as nothing is booked on them; they wait as before."""
    case, _ = session.case()
    meant = chosen.of(session, case)
    in_use = {
        record.customer
        for key, record in case.records.items()
        if isinstance(record, Document | Payment) and _may_be_booked(case, key)
    }
    cells: Cells = {"reference": None, "status": session.names({}).choice("status", SyncStatus.TO_TRANSFER)}
    return _decided(session, "unlink", meant, {key: cells for key in meant if key not in in_use})


def _may_be_booked(case: Case, key: RecordKey) -> bool:
    """Whether the ledger has a record, or nobody knows whether it has."""
    latest = case.latest(key)
    return case.settled(key) is not None or (latest is not None and latest.state in OPEN)


def _linked(session: Session, links: Mapping[str, str]) -> dict[str, Cells]:
    no = session.names({}).yes_no(False)
    return {key: {"reference": reference, "new_account": no, **NONE} for key, reference in links.items()}


def create_new(session: Session, chosen: Chosen = Chosen()) -> Report:
    """Say that the chosen accounts are new to the ledger."""
    case, _ = session.case()
    meant = chosen.of(session, case)
    yes = session.names({}).yes_no(True)
    return _decided(session, "create_new", meant, {key: {"new_account": yes, **NONE} for key in meant})


DECIDED = {"link": "linked", "link_sure": "linked", "unlink": "unlinked_again", "create_new": "new"}
"""What a report counts of what was decided."""


def _decided(session: Session, action: str, meant: Mapping[str, Typed], cells: Mapping[str, Cells]) -> Report:
    """Write what was decided, and check anew."""
    session.book.write(ACCOUNTS, {(key,): values for key, values in cells.items()})
    problems = check(session).problems
    session.log(action, "done", kind=Kind.CUSTOMER, message=f"{len(cells)} / {len(meant)}")
    counts = {DECIDED[action]: by_kind(Kind.CUSTOMER for _ in cells)}
    return Report(run=session.run.id, counts=counts, problems=problems, facts={"left": len(meant) - len(cells)})
