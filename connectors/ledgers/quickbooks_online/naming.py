"""Which reference of a refused record is the reason: the vendor says that something is gone or inactive, and not what.

The codes 610, 2500 and 6250 name no kind of object that a person would know (error codes, handling common errors), and
speak the company's language. So what the body refers to is looked up, each once, and the first that is not there, or
not in use, is told as Check would tell it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from connectors.booking.recipes import Write
from connectors.ledgers.quickbooks_online.books import EVERYONE, SUPPLIER, Books
from connectors.ledgers.quickbooks_online.queries import Api, Body
from connectors.problems import Problem, problem_of
from connectors.refusals import unlisted

CODES = frozenset({"610", "2500", "6250"})
PARTIES = {"CustomerRef": "Customer", "VendorRef": "Vendor", "ParentRef": "Customer"}
LISTED = {
    "ItemRef": ("Item", "items", "ledger_item"),
    "AccountRef": ("Account", "accounts", "ledger_account"),
    "DepositToAccountRef": ("Account", "accounts", "deposit_account"),
    "BankAccountRef": ("Account", "accounts", "deposit_account"),
    "CCAccountRef": ("Account", "accounts", "deposit_account"),
    "TaxCodeRef": ("TaxCode", "taxes", "ledger_tax"),
    "ClassRef": ("Class", "classes", "ledger_class"),
    "SalesTermRef": ("Term", "terms", "terms"),
    "TermRef": ("Term", "terms", "terms"),
    "PaymentMethodRef": ("PaymentMethod", "methods", "method"),
}
"""By the name of a reference, the entity it points to, the list of the company and the column of ours."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What a body refers to under a name, in a line (from 1) or, 0, in its head."""

    name: str
    entity: str
    id: str
    line: int = 0


class Naming:
    """Looks up what records refer to, for all of a batch together."""

    def __init__(self, api: Api, books: Books) -> None:
        self._api, self._books = api, books
        self._known: dict[str, dict[str, Body | None]] = defaultdict(dict)

    def reason(self, write: Write) -> Problem | None:
        """The first reference that is not there or not in use; nothing where all are. Raises ``CannotRun``."""
        referred = [each for each in references(write.body) if each.id.isdigit()]
        wanted: dict[str, set[str]] = defaultdict(set)
        for each in referred:
            wanted[each.entity].add(each.id)
        for entity, ids in wanted.items():
            if new := ids - self._known[entity].keys():
                self._look_up(entity, new)
        problems = (self._problem(write, each, self._known[each.entity][each.id]) for each in referred)
        return next((problem for problem in problems if problem), None)

    def _look_up(self, entity: str, ids: set[str]) -> None:
        known = self._known[entity]
        known |= dict.fromkeys(ids)
        known |= {str(body["Id"]): body for body in self._api.among(entity, "Id", ids, EVERYONE)}

    def _problem(self, write: Write, referred: Reference, there: Body | None) -> Problem | None:
        if there and there.get("Active") is not False:
            return None
        record = write.posting.record
        if referred.name in LISTED:
            _, listed, column = LISTED[referred.name]
            code = _code(self._books, listed, referred.id)
            return unlisted(record, column, code, referred.line or None)
        reference = f"{SUPPLIER if referred.entity == 'Vendor' else ''}{referred.id}"
        if there is None:
            return problem_of(record, "account_unknown_in_ledger", column="account", reference=reference)
        name = str(there.get("DisplayName", ""))
        return problem_of(record, "account_inactive_in_ledger", column="account", name=name, reference=reference)


def references(body: Body) -> Iterator[Reference]:
    """Everything that a body refers to and that a list of the company may lack, in its order."""
    yield from _within(body, 0)
    for place, line in enumerate(body.get("Line") or [], 1):
        yield from _within(line, int(line.get("LineNum") or place))


def _within(body: Mapping[str, object], line: int) -> Iterator[Reference]:
    for name, value in body.items():
        if not isinstance(value, Mapping):
            continue
        if name == "Entity":  # of a line of an entry, which says its kind
            inner = value.get("EntityRef")
            bare = str(inner.get("value") or "") if isinstance(inner, Mapping) else ""
            yield Reference("EntityRef", str(value.get("Type")), bare, line)
        elif name in PARTIES or name in LISTED:
            entity = PARTIES.get(name) or LISTED[name][0]
            yield Reference(name, entity, str(value.get("value") or ""), line)
        else:
            yield from _within(value, line)


def _code(books: Books, listed: str, bare: str) -> str:
    """What people know it by; its id where the list that was read had none of it."""
    if listed == "taxes":
        return next((code for code, tax in books.taxes.items() if tax.id == bare), bare)
    ids: Mapping[str, str] = getattr(books, listed)
    return next((code for code, id_ in ids.items() if id_ == bare), bare)
