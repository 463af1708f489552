"""What any ledger refuses before it is asked, by what it declares and by its lists.

A ledger's own checks begin with these, and go on with what it alone knows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import astuple
from decimal import Decimal

from connectors.amending import amended
from connectors.double_entry import legs
from connectors.exchange import lacks_rate, rate_of
from connectors.ledger import Action, Capabilities, LedgerLists, Posting, same_name
from connectors.problems import Problem, problem_of
from connectors.records import (
    ZERO,
    CreditNote,
    Customer,
    Direction,
    Document,
    EntryLine,
    InvoiceLine,
    JournalEntry,
    Payment,
    Refund,
    SalesReceipt,
    Side,
    SupplierPayment,
    Transferable,
)
from connectors.tax_codes import misnamed

Refuse = Callable[[Posting, Capabilities, LedgerLists], Iterator[Problem]]

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
"""What is an e-mail address, as far as a ledger looks that checks them."""


def undeclared(posting: Posting, capabilities: Capabilities, lists: LedgerLists) -> Iterator[Problem]:
    """What a ledger does not take, by what it declares and by its closing date and home currency."""
    refusing = OF_BOOKED.get(posting.action, DECLARED)
    return (problem for refuse in refusing for problem in refuse(posting, capabilities, lists))


def refusals(posting: Posting, capabilities: Capabilities, lists: LedgerLists) -> Iterator[Problem]:
    """What a ledger does not take by what it declares, and what none takes: it does not add up, or is the source's."""
    return (problem for refuse in (*DECLARED, *UNSOUND) for problem in refuse(posting, capabilities, lists))


def references(posting: Posting) -> Iterator[str]:
    """The ledger's customers that a posting names and cannot do without; a sale paid on the spot may name nobody."""
    match posting.record:
        case Customer():
            if posting.action is Action.UPDATE:
                yield posting.reference
        case JournalEntry() as entry:
            yield from (line.customer for line in entry.lines if line.customer)
        case SalesReceipt() | Refund():
            if posting.customer:
                yield posting.customer
        case _:
            yield posting.customer


def _kind(posting: Posting, capabilities: Capabilities, _: LedgerLists) -> Iterator[Problem]:
    record = posting.record
    if record.kind not in capabilities.kinds:
        yield problem_of(record, "kind_unsupported", kind=record.kind)
    if posting.action is Action.VOID and record.kind not in capabilities.voids:
        yield problem_of(record, "undo_unsupported", kind=record.kind)


def _applies(posting: Posting, capabilities: Capabilities, lists: LedgerLists) -> Iterator[Problem]:
    """What was booked is applied to more where the ledger lets it, and its day still lies in an open period."""
    if posting.record.kind not in capabilities.applies_later:
        yield problem_of(posting.record, "kind_unsupported", kind=posting.record.kind)
    if not capabilities.applies_closed:
        yield from _period(posting, capabilities, lists)
    if not capabilities.applies_foreign and rate_of(posting.record, lists.home_currency):
        reference = posting.booked.number if posting.booked else posting.record.number
        yield problem_of(posting.record, "applied_at_another_rate", column="invoice", reference=reference)


def _amends(posting: Posting, capabilities: Capabilities, lists: LedgerLists) -> Iterator[Problem]:
    """What a ledger changes of what was booked; no due date of a closed period moves, for its ages would."""
    record, names = posting.record, amended(posting.before, posting.record) if posting.before else ()
    if not set(names) <= capabilities.amends.get(record.kind, frozenset()):
        yield problem_of(record, "kind_unsupported", kind=record.kind)
    if not capabilities.amends_closed or "due" in names:
        yield from _period(posting, capabilities, lists)


def _currency(posting: Posting, capabilities: Capabilities, lists: LedgerLists) -> Iterator[Problem]:
    record, home = posting.record, lists.home_currency
    if isinstance(record, Customer) or record.currency == home:
        return
    words = {"currency": record.currency, "home": home}
    if not capabilities.multi_currency:
        yield problem_of(record, "currency_unsupported", column="currency", **words)
    elif lists.one_currency:
        yield problem_of(record, "currencies_off", column="currency", **words)
    elif lacks_rate(record, home):
        yield problem_of(record, "rate_missing", column="currency", **words)
    elif lists.currencies and record.currency not in lists.currencies:
        yield problem_of(record, "currency_not_in_ledger", column="currency", **words)
    elif settles(posting) and not (capabilities.applies_foreign or (lists.gains and lists.losses)):
        yield problem_of(record, "exchange_account_missing", column="currency", **words)


def settles(posting: Posting) -> bool:
    """Whether a payment or credit goes to a document, and may gain or lose on it by its rate."""
    record = posting.record
    named = record.allocations if isinstance(record, Payment) else getattr(record, "invoice", "")
    return isinstance(record, Payment | CreditNote) and bool(posting.applied or named)


def _period(posting: Posting, _: Capabilities, lists: LedgerLists) -> Iterator[Problem]:
    record, closed = posting.record, lists.closing_date
    if isinstance(record, Customer):
        return
    period = next((each for each in lists.periods if each.first <= record.date <= each.last), None)
    if closed and record.date <= closed:
        yield problem_of(record, "period_closed", column="date", date=str(record.date), closing_date=str(closed))
    elif period and not period.open:
        yield problem_of(record, "period_closed", column="date", date=str(record.date), closing_date=str(period.last))
    elif lists.periods and not period:
        yield problem_of(record, "period_missing", column="date", date=str(record.date))


def _name(posting: Posting, capabilities: Capabilities, lists: LedgerLists) -> Iterator[Problem]:
    """Where names are unique, a customer takes none that another one has."""
    record = posting.record
    if not isinstance(record, Customer) or not capabilities.unique_names:
        return
    if any(reference != posting.reference for reference in lists.named.get(same_name(record.name), ())):
        yield problem_of(record, "name_taken", column="name", name=record.name)


def _email(posting: Posting, capabilities: Capabilities, _: LedgerLists) -> Iterator[Problem]:
    record = posting.record
    if not isinstance(record, Customer | Document) or not capabilities.checks_emails:
        return
    email = record.email.strip()
    if email and not EMAIL.fullmatch(email):
        yield problem_of(record, "email_refused", column="email", email=record.email)


def _codes(posting: Posting, capabilities: Capabilities, lists: LedgerLists) -> Iterator[Problem]:
    """What a record is booked by stands in the ledger's lists and is in use; of a list that was not told all may."""
    record = posting.record
    for column, (field, listed) in HEADS.items():
        if (code := getattr(record, field, "")) and not lists.takes(listed, code):
            yield unlisted(record, column, code)
    for field, code, line in _line_codes(record, capabilities):
        if code and not lists.takes(LINES[field], code):
            yield unlisted(record, field, code, line)
    for tax in record.taxes if isinstance(record, Document) and capabilities.taxes_by == "tax" else ():
        told = bool(lists.tax_codes) and lists.takes("tax_codes", tax.ledger_tax)
        if tax.ledger_tax and not (told or lists.takes("accounts", tax.ledger_tax)):
            yield unlisted(record, "ledger_tax", tax.ledger_tax)


def _line_codes(record: Transferable, capabilities: Capabilities) -> Iterator[tuple[str, str, int]]:
    """The codes that lines are booked by: the field of each, and its line's number."""
    if isinstance(record, JournalEntry):
        yield from (("ledger_account", each.ledger_account, number) for number, each in enumerate(record.lines, 1))
    elif isinstance(record, Document):
        by_account = capabilities.lines_by == "account" or record.side is Side.PURCHASES
        fields = ("ledger_account" if by_account else "ledger_item", "ledger_class")
        for line in record.lines:
            for field in (*fields, "ledger_tax") if capabilities.taxes_by == "group" else fields:
                yield field, getattr(line, field), line.number


HEADS = {
    "terms": ("ledger_terms", "terms"),
    "method": ("ledger_method", "methods"),
    "deposit_account": ("deposit_account", "accounts"),
}
LINES = {"ledger_account": "accounts", "ledger_item": "items", "ledger_tax": "tax_codes", "ledger_class": "classes"}
"""The ledger's list that a code is looked for in, by the field of a record or of its lines."""

UNLISTED = {
    "ledger_account": "not_in_ledger",
    "deposit_account": "not_in_ledger",
    "ledger_item": "item_not_in_ledger",
    "ledger_tax": "tax_not_in_ledger",
    "ledger_class": "class_not_in_ledger",
    "terms": "terms_not_in_ledger",
    "method": "method_not_in_ledger",
}
"""The problem of a code that no list of the ledger has, by the column in which it is typed or mapped."""


def unlisted(record: Transferable, column: str, code: str, line: int | None = None) -> Problem:
    """A code that the ledger's list has not, or has no longer in use; a ``line`` counts from 1."""
    words = {"code": code, "date": str(getattr(record, "date", ""))} | ({"line": str(line)} if line else {})
    return problem_of(record, UNLISTED[column], column=column, **words)


def _one_class(posting: Posting, _: Capabilities, lists: LedgerLists) -> Iterator[Problem]:
    """Where a document has one class for all of its lines, they have the same."""
    record = posting.record
    classes = {line.ledger_class for line in record.lines} if isinstance(record, Document) else set()
    if lists.one_class and len(classes) > 1:
        named = ", ".join(sorted(filter(None, classes)))
        yield problem_of(record, "classes_of_one_document", column="ledger_class", classes=named)


def _items(posting: Posting, capabilities: Capabilities, lists: LedgerLists) -> Iterator[Problem]:
    """An item that the ledger books on no account cannot be sold."""
    record, accounts = posting.record, {item.code: item.account for item in lists.items if item.active}
    if capabilities.lines_by == "item" and isinstance(record, Document) and record.side is Side.SALES:
        for line in record.lines:
            if accounts.get(line.ledger_item) == "":
                words = {"line": str(line.number), "code": line.ledger_item}
                yield problem_of(record, "item_without_account", column="ledger_item", **words)


def _deposit(posting: Posting, capabilities: Capabilities, lists: LedgerLists) -> Iterator[Problem]:
    """Money goes into an account that takes it; a supplier is paid from one that pays, told or the ledger's own."""
    record, code = posting.record, getattr(posting.record, "deposit_account", "")
    paid = isinstance(record, SupplierPayment)
    types, refusal = capabilities.deposit_types, "no_deposit_account"
    if paid:
        types, refusal, code = capabilities.spending_types, "no_spending_account", code or lists.deposit
    for account in lists.accounts if code and types else ():
        if account.code == code and account.active and account.type not in types:
            words = {"code": code, "name": account.name, "type": account.type}
            yield problem_of(record, refusal, column="deposit_account", **words)


def _money(posting: Posting, _: Capabilities, lists: LedgerLists) -> Iterator[Problem]:
    """Money goes into an account of the home currency or of its own, and comes out of one."""
    record, code = posting.record, getattr(posting.record, "deposit_account", "")
    if isinstance(record, Customer):
        return
    for account in lists.accounts:
        if account.code == code and account.currency not in ("", lists.home_currency, record.currency):
            words = {"code": code, "name": account.name, "kept": account.currency, "currency": record.currency}
            yield problem_of(record, "money_in_another_currency", column="deposit_account", **words)


def _on_account(posting: Posting, capabilities: Capabilities, _: LedgerLists) -> Iterator[Problem]:
    """Where a supplier is paid for bills alone, all of a payment goes to bills."""
    record = posting.record
    if capabilities.pays_on_account or not isinstance(record, SupplierPayment):
        return
    parts = posting.applied or record.allocations
    left = record.amount - sum((part.amount for part in parts), ZERO)
    if left > ZERO or not parts:
        yield problem_of(record, "paid_for_no_bill", column="invoice", left=str(left), amount=str(record.amount))


def _by_party(posting: Posting, _: Capabilities, lists: LedgerLists) -> Iterator[Problem]:
    return nameless(posting.record, {each.code: each.name for each in lists.accounts if each.by_party})


def nameless(record: Transferable, kept: Mapping[str, str]) -> Iterator[Problem]:
    """A line on an account that is kept by customer or supplier names one; a document's line never does.

    ``kept`` are the names of these accounts by what a line may call them.
    """
    lines: tuple[InvoiceLine | EntryLine, ...] = record.lines if isinstance(record, Document | JournalEntry) else ()
    for number, line in enumerate(lines, 1):
        if line.ledger_account in kept and not getattr(line, "customer", ""):
            words = {"line": str(number), "code": line.ledger_account, "name": kept[line.ledger_account]}
            yield problem_of(record, "account_by_party", column="ledger_account", **words)


def _entries(posting: Posting, _: Capabilities, lists: LedgerLists) -> Iterator[Problem]:
    """Some accounts (a bank's, a control account) take no journal entry in some ledgers."""
    record, closed = posting.record, {each.code: each.name for each in lists.accounts if not each.entries}
    for number, line in enumerate(record.lines if isinstance(record, JournalEntry) else (), 1):
        if line.ledger_account in closed:
            words = {"line": str(number), "code": line.ledger_account, "name": closed[line.ledger_account]}
            yield problem_of(record, "account_without_entries", column="ledger_account", **words)


def _words(posting: Posting, capabilities: Capabilities, _: LedgerLists) -> Iterator[Problem]:
    """A number, and an account's name, as long as the ledger takes it and of characters that it takes."""
    record = posting.record
    limits = [("number", record.number, capabilities.number_length, capabilities.forbidden_in_numbers)]
    if isinstance(record, Customer):
        limits.append(("name", record.name, capabilities.name_length, capabilities.forbidden_in_names))
    for column, text, limit, forbidden in limits:
        if limit is not None and len(text) > limit:
            yield problem_of(record, f"{column}_too_long", column=column, limit=str(limit), **{column: text})
        if found := "".join(sorted(set(text) & set(forbidden))):
            yield problem_of(record, "character_forbidden", column=column, value=text, characters=found)


def _texts(posting: Posting, capabilities: Capabilities, lists: LedgerLists) -> Iterator[Problem]:
    """Every other text as long as the ledger takes it, and of letters that the company takes."""
    record = posting.record
    for column, text in _texts_of(record):
        limit = capabilities.text_lengths.get(column)
        if limit is not None and len(text) > limit:
            yield problem_of(record, "text_too_long", column=column, value=_begun(text), limit=str(limit))
        if lists.latin and (odd := "".join(sorted({each for each in text if ord(each) > LATIN}))):
            yield problem_of(record, "character_forbidden", column=column, value=_begun(text), characters=odd)


def _begun(text: str) -> str:
    """A text as a sentence quotes it: its beginning, where it is long."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _texts_of(record: Transferable) -> Iterator[tuple[str, str]]:
    """The texts of a record and of its lines that go to the ledger as they stand, by the name of their field."""
    lines: tuple[InvoiceLine | EntryLine, ...] = record.lines if isinstance(record, Document | JournalEntry) else ()
    for each in (record, *lines):
        for column in TEXTS:
            if text := str(getattr(each, column, "")):
                yield column, text
    for name in ("billing", "shipping"):
        if address := getattr(record, name, None):
            yield from ((name, text) for text in astuple(address))


def _way(posting: Posting, _: Capabilities, __: LedgerLists) -> Iterator[Problem]:
    record = posting.record
    changed = posting.action is Action.UPDATE and not isinstance(record, Customer)
    if changed or (isinstance(record, Payment) and record.direction is Direction.FROM_LEDGER):
        yield problem_of(record, "kind_unsupported", kind=record.kind)


def _asserted(posting: Posting, _: Capabilities, lists: LedgerLists) -> Iterator[Problem]:
    """A person asserted a balance (a reconciled statement): an earlier entry would make the assertion fail."""
    record, asserted = posting.record, {each.code: each.asserted for each in lists.accounts if each.asserted}
    if isinstance(record, Customer) or not asserted or lacks_rate(record, lists.home_currency):
        return
    for code in sorted({leg.account for leg in legs(posting, lists) if leg.amount} & asserted.keys()):
        if (day := asserted[code]) and record.date < day:
            words = {"code": code, "date": str(record.date), "asserted": str(day), "place": ""}
            yield problem_of(record, "balance_asserted", column="date", **words)


def _borne(posting: Posting, capabilities: Capabilities, lists: LedgerLists) -> Iterator[Problem]:
    """Where taxes go by groups, a document's tax needs a line whose group charges one."""
    record, untaxed = posting.record, {each.code for each in lists.tax_codes if each.untaxed}
    taxed = capabilities.taxes_by == "group" and isinstance(record, Document) and record.tax and record.lines
    if taxed and isinstance(record, Document) and all(line.ledger_tax in untaxed for line in record.lines):
        words = {"ledger_total": str(record.total - record.tax), "tax": str(record.tax)}
        yield problem_of(record, "tax_not_borne", column="tax", **words)


def _named(posting: Posting, capabilities: Capabilities, lists: LedgerLists) -> Iterator[Problem]:
    """Where taxes go by groups, each of a document's taxes is one of its lines' tax codes, and each of these is its."""
    if capabilities.taxes_by == "group" and isinstance(posting.record, Document):
        yield from misnamed(posting.record, lists.taxes_of)


def _amounts(posting: Posting, _: Capabilities, __: LedgerLists) -> Iterator[Problem]:
    for amount in (*_amounts_of(posting), *(applied.amount for applied in posting.applied)):
        if not amount.is_finite():
            yield problem_of(posting.record, "no_amount", column="total", value=str(amount))


def _amounts_of(posting: Posting) -> Iterator[Decimal]:
    match posting.record:
        case Document() as document:
            yield from (document.total, *(line.amount for line in document.lines), *(t.amount for t in document.taxes))
        case Payment() as payment:
            yield payment.amount
        case JournalEntry() as entry:
            yield from (amount for line in entry.lines for amount in (line.debit, line.credit))


def _allocated(posting: Posting, _: Capabilities, __: LedgerLists) -> Iterator[Problem]:
    record, allocated = posting.record, sum((applied.amount for applied in posting.applied), ZERO)
    if isinstance(record, Payment) and allocated > record.amount:
        yield problem_of(record, "payment_over_allocated", allocated=str(allocated), amount=str(record.amount))


def _balanced(posting: Posting, _: Capabilities, __: LedgerLists) -> Iterator[Problem]:
    """The source's total is law: a ledger that adds up by itself would book another one."""
    match posting.record:
        case Document() as document:
            lines = sum((line.amount for line in document.lines), ZERO)
            taxes = sum((tax.amount for tax in document.taxes), ZERO)
            if lines + taxes != document.total:
                sums = {"lines": str(lines), "taxes": str(taxes), "total": str(document.total)}
                yield problem_of(document, "lines_do_not_add_up", **sums)
        case JournalEntry() as entry:
            debit = sum((line.debit for line in entry.lines), ZERO)
            credit = sum((line.credit for line in entry.lines), ZERO)
            if debit != credit:
                yield problem_of(entry, "entry_not_balanced", debit=str(debit), credit=str(credit))


DECLARED: tuple[Refuse, ...] = (
    _kind, _currency, _period, _words, _texts, _name, _email, _codes, _one_class, _items, _deposit, _money,
    _on_account, _entries, _by_party, _asserted, _borne, _named,
)  # fmt: skip
OF_BOOKED: dict[Action, tuple[Refuse, ...]] = {Action.APPLY: (_applies,), Action.AMEND: (_amends, _email)}
"""What is asked of what changes a record that was booked before: the rest of it stands there already."""
TEXTS = (
    *("number", "name", "first_name", "last_name", "contact", "email", "phone", "mobile", "fax", "website", "care_of"),
    *("notes", "memo", "confirmation", "description"),
)
"""The fields of records and of their lines that a ledger is sent as texts."""
LATIN, SHOWN = 0xFF, 60
"""The last letter of ISO-8859-1, and how many characters of a text a sentence quotes."""
UNSOUND: tuple[Refuse, ...] = (_way, _amounts, _allocated, _balanced)
