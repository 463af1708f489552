"""The sample association: frozen, internally right but for what is wrong on purpose, and with every odd case."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from sample_problems import CIRCLE, EXPECTED, TWINS

from connectors.problems import OWNERS
from connectors.records import (
    CreditNote,
    Customer,
    Document,
    Invoice,
    JournalEntry,
    Kind,
    Origin,
    Payment,
    Refund,
    ReturnedPayment,
    SalesReceipt,
    SupplierInvoice,
    TaxGroup,
    TaxRounding,
    VendorCredit,
)
from connectors.source import Pulled
from connectors.sources.files.connector import FilesSource
from connectors.sources.files.sample import write_sample
from connectors.sources.files.settings import FilesSettings

CENT = Decimal("0.01")
WRONG = {key for _, key, _, _ in EXPECTED}
FROZEN = "114aec9242718e5bccad7b91575e818b0d4e676fb0b6dc17d117ceb02ba7b5a8"


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder).as_posix()): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def of(pulled: Pulled, kind: type) -> list:
    return [record for record in pulled.records if type(record) is kind]


def documents(pulled: Pulled) -> list[Document]:
    return [record for record in pulled.records if isinstance(record, Document)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder)
    return folder


@pytest.fixture(scope="module")
def pulled(folder) -> Pulled:
    return FilesSource(FilesSettings(folder=folder)).pull()


def test_the_files_are_frozen_byte_by_byte(folder, tmp_path):
    digest = hashlib.sha256()
    for name, content in files(folder).items():
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    assert digest.hexdigest() == FROZEN
    write_sample(tmp_path)
    write_sample(tmp_path)
    assert files(tmp_path) == files(folder)


def test_the_files_are_plain_csv(folder):
    for name, content in files(folder).items():
        assert b"\r" not in content, name
        assert content.decode("utf-8").endswith("\n")
        assert not content.startswith(b"\xef\xbb\xbf")
    assert set(files(folder)) >= {"book.beancount", "passerelle.beancount", "source/accounts.csv"}


def test_everything_is_read_without_a_problem(pulled):
    assert not pulled.problems


def test_how_many_of_each_kind(pulled):
    assert Counter(record.kind for record in pulled.records) == {
        Kind.CUSTOMER: 247,
        Kind.INVOICE: 607,
        Kind.CREDIT_NOTE: 15,
        Kind.SUPPLIER_INVOICE: 20,
        Kind.VENDOR_CREDIT: 1,
        Kind.SALES_RECEIPT: 42,
        Kind.REFUND: 8,
        Kind.PAYMENT: 471,
        Kind.RETURNED_PAYMENT: 1,
        Kind.JOURNAL_ENTRY: 4,
    }
    assert len(pulled.schedules) == 43
    assert {d.origin for d in documents(pulled)} == set(Origin)


def test_every_expected_problem_names_a_record_and_a_code(pulled):
    numbers = {(str(record.kind), record.key): record.number for record in pulled.records}
    for kind, key, number, code in EXPECTED:
        assert numbers[kind, key] == number
        assert code in OWNERS


def test_keys_and_numbers_are_unique_but_for_one_pair(pulled):
    assert len({(r.kind, r.key) for r in pulled.records}) == len(pulled.records)
    numbers = Counter((d.kind, d.number) for d in documents(pulled))
    assert {number for number, count in numbers.items() if count > 1} == {(Kind.INVOICE, "M-2025-031")}
    names = Counter(customer.name.casefold() for customer in of(pulled, Customer))
    assert {name for name, count in names.items() if count > 1} == {"marie tremblay"}


def test_dates_lie_in_two_fiscal_years_but_for_one(pulled):
    first, last = date(2024, 1, 1), date(2025, 12, 31)
    dated = [r for r in pulled.records if not isinstance(r, Customer) and not first <= r.date <= last]
    assert [record.number for record in dated] == ["SO-2023-99"]


def test_lines_and_taxes_come_to_the_total_but_for_one(pulled):
    off = [
        document.number
        for document in documents(pulled)
        if sum(line.amount for line in document.lines) != document.subtotal
        or sum(tax.amount for tax in document.taxes) != document.tax
        or sum(line.tax_amount for line in document.lines) != document.tax
        or document.subtotal + document.tax != document.total
    ]
    assert off == ["F25-0336"]


def taxed(document: Document, groups: dict[str, TaxGroup], rates: dict[str, Decimal], rounding: TaxRounding | None):
    """Each tax of a document by its groups' own way of rounding, or by the given one."""
    exact: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for line in document.lines:
        for tax in groups[line.tax_group].taxes:
            exact[tax, line.tax_group].append(line.amount * rates[tax] / 100)
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for (tax, group), parts in exact.items():
        if (rounding or groups[group].rounding) is TaxRounding.ROUNDED_SUM:
            parts = [sum(parts, Decimal(0))]
        sums[tax] += sum((part.quantize(CENT, ROUND_HALF_UP) for part in parts), Decimal(0))
    return {tax: amount for tax, amount in sums.items() if amount}


def test_taxes_are_computed_by_the_rounding_of_their_group(pulled):
    groups = {group.code: group for group in pulled.lists.tax_groups}
    rates = {tax.code: tax.rate for tax in pulled.lists.taxes}
    cent_apart = 0
    for document in documents(pulled):
        if document.number == "F25-0336":
            continue
        assert {tax.tax: tax.amount for tax in document.taxes} == taxed(document, groups, rates, None), document.number
        by_line, at_once = (taxed(document, groups, rates, rounding) for rounding in TaxRounding)
        cent_apart += by_line != at_once
    assert cent_apart >= 1
    assert {group.rounding for group in groups.values()} == set(TaxRounding)
    assert {tax for group in groups.values() for tax in group.taxes} == {"GST", "QST", "HST13", "HST15"}
    assert {line.tax_group for d in documents(pulled) for line in d.lines} == set(groups)


def test_balances_are_what_payments_and_credits_leave(pulled):
    settled: dict[str, Decimal] = defaultdict(Decimal)
    for payment in of(pulled, Payment):
        for part in payment.allocations:
            settled[part.invoice] += part.amount + part.discount
    for credit in of(pulled, CreditNote) + of(pulled, VendorCredit):
        settled[credit.invoice] += credit.total
    for back in of(pulled, ReturnedPayment):
        for part in next(p for p in of(pulled, Payment) if p.key == back.payment).allocations:
            settled[part.invoice] -= part.amount
    for document in documents(pulled):
        billed = isinstance(document, Invoice | SupplierInvoice) and not document.cancelled
        assert document.balance == (document.total - settled[document.key] if billed else 0), document.number
        assert document.balance >= 0 or document.number == "F25-0339"


def test_payments_fit_their_invoices_but_for_one(pulled):
    invoices = {invoice.key: invoice for invoice in of(pulled, Invoice)}
    payments = of(pulled, Payment)
    for payment in payments:
        assert sum(part.amount for part in payment.allocations) <= payment.amount
        for part in payment.allocations:
            assert invoices[part.invoice].date <= payment.date
            assert invoices[part.invoice].customer == payment.customer
    over = [p.number for p in payments for part in p.allocations if part.amount > invoices[part.invoice].total]
    assert over == ["PA25-0469"]
    assert sum(len(p.allocations) == 2 for p in payments) == 14
    assert sum(p.amount > sum(part.amount for part in p.allocations) for p in payments) == 5
    assert {p.method for p in payments} == {"CARD", "CHEQUE", "TRANSFER"}
    assert any(0 < i.balance < i.total for i in invoices.values())
    assert [(p.number, p.fee) for p in payments if p.fee] == [("PA25-0396", Decimal("83.36"))]
    assert [(p.number, part.discount) for p in payments for part in p.allocations if part.discount] == [
        ("PA25-0390", Decimal("57.50"))
    ]


def test_one_invoice_and_its_payment_are_in_us_dollars_and_gain(pulled):
    """Rule 8 of the books: each names its rate, the day it is of and who says so; nothing else has one."""
    foreign = [r for r in pulled.records if isinstance(r, Document | Payment) and r.currency != "CAD"]
    assert [(r.number, r.currency, r.exchange.rate, r.exchange.date) for r in foreign] == [
        ("F25-0342", "USD", Decimal("1.3921"), date(2025, 10, 6)),
        ("PA25-0471", "USD", Decimal("1.4057"), date(2025, 11, 12)),
    ]
    invoice, payment = foreign
    assert (invoice.customer, invoice.total, invoice.lines[0].tax_group) == ("A0247", payment.amount, "ZR")
    assert payment.amount * payment.exchange.rate - invoice.total * invoice.exchange.rate == Decimal("32.64")


def test_nothing_else_hangs_on_what_is_wrong(pulled):
    """A payment, credit, refund or schedule of a held invoice would be held as well."""
    held = WRONG | {"D0599"}
    hanging = [p.number for p in of(pulled, Payment) for part in p.allocations if part.invoice in held]
    assert hanging == ["PA25-0013", "PA25-0014", "PA25-0469", "PA25-0470"]
    assert not [d.number for d in of(pulled, CreditNote) + of(pulled, Refund) if d.invoice in held]
    assert not [schedule.key for schedule in pulled.schedules if schedule.invoice in held]
    strangers = {d.number for d in documents(pulled) if d.customer in {*TWINS, *CIRCLE}}
    assert strangers == {"F25-0337", "F25-0338", "F25-0341"}


def test_comfortably_more_than_400_documents_can_be_posted(pulled):
    postable = [
        record
        for record in pulled.records
        if isinstance(record, Document | Payment) and record.key not in WRONG and not record.sync_reference
    ]
    assert len(postable) > 1000


def test_deferred_dues_are_paid_and_end_by_december_2025(pulled):
    invoices = {invoice.key: invoice for invoice in of(pulled, Invoice)}
    for schedule in pulled.schedules:
        invoice = invoices[schedule.invoice]
        line = invoice.lines[schedule.line - 1]
        assert invoice.paid
        assert (schedule.months, schedule.start.month, schedule.start.day) == (12, 1, 1)
        assert schedule.start.year in (2024, 2025)
        assert schedule.start.year == invoice.date.year
        assert (schedule.amount, schedule.deferred_account, schedule.revenue_account) == (line.amount, "2400", "4100")
        assert line.gl_account == "2400"


def test_entries_by_hand_balance(pulled):
    for entry in of(pulled, JournalEntry):
        assert sum(line.debit for line in entry.lines) == sum(line.credit for line in entry.lines) > 0


def test_members_of_every_sort(pulled):
    customers = {customer.key: customer for customer in of(pulled, Customer)}
    people = [c for c in customers.values() if c.is_person]
    assert sum(bool(c.parent) for c in people) == 90
    assert all(not customers[c.parent].is_person for c in people if c.parent)
    assert len(customers["A0110"].name) == 60
    assert {"'", "é", "Î"} <= set(customers["A0110"].name)
    assert customers["A0111"].name.startswith("=")
    assert [customers[key].name for key in TWINS] == ["Marie Tremblay"] * 2
    assert [customers[key].parent for key in CIRCLE] == list(reversed(CIRCLE))
    assert sum(bool(c.care_of) for c in customers.values()) == 2
    assert sum(c.tax_exempt for c in customers.values()) == 3
    assert all(c.tax_exempt == bool(c.exempt_reason) for c in customers.values())
    assert sum(c.is_supplier for c in customers.values()) == 8
    assert all(customers[d.customer].is_supplier for d in of(pulled, SupplierInvoice))


def test_odd_documents(pulled):
    by_number = {d.number: d for d in documents(pulled)}
    assert by_number["F25-0331"].total == 0
    assert len(by_number["F25-0331"].lines) == 2
    assert [number for number in by_number if len(number) == 14] == ["ADH-2025-00042"]
    assert [d.number for d in documents(pulled) if d.cancelled] == ["F24-0950"]
    assert [d.number for d in documents(pulled) if d.sync_reference] == [
        *(f"SO-2024-0{n}" for n in range(1, 6)),
        "F24-0950",
    ]
    assert [d.number for d in documents(pulled) for line in d.lines if not line.description] == ["F25-0340"]
    assert [d.number for d in documents(pulled) for line in d.lines if line.gl_account == "4999"] == ["F25-0335"]
    assert all(receipt.method for receipt in of(pulled, SalesReceipt) + of(pulled, Refund))
    texts = " ".join(line.description for d in documents(pulled) for line in d.lines)
    assert "Cotisation corporative" in texts
    assert "Corporate dues" in texts


def test_the_accountants_book_is_sound_and_knows_what_was_transferred(folder, pulled):
    loader = pytest.importorskip("beancount.loader")
    entries, errors, options = loader.load_file(str(folder / "book.beancount"))
    assert not errors
    assert options["title"] == "Association des gestionnaires du Saint-Laurent"
    opened = [entry for entry in entries if type(entry).__name__ == "Open"]
    codes = {entry.meta["code"] for entry in opened if "code" in entry.meta}
    assert {account.code for account in pulled.lists.accounts} - codes == {"4999"}
    assert {tax.sync_reference for tax in pulled.lists.taxes} == {
        entry.meta["code"] for entry in opened if entry.meta.get("tax")
    }
    customers = {entry.account.rpartition(":")[2]: entry.meta["name"] for entry in opened if "code" not in entry.meta}
    linked = {c.sync_reference: c.name for c in of(pulled, Customer) if c.sync_reference}
    assert len(linked) == 3
    assert linked.items() <= customers.items()
    assert not {c.name for c in of(pulled, Customer) if not c.sync_reference} & set(customers.values())
    booked = {
        entry.meta["number"]: next(p.units.number for p in entry.postings if "Receivable:" in p.account)
        for entry in entries
        if "number" in getattr(entry, "meta", {}) and type(entry).__name__ == "Transaction"
    }
    transferred = {d.sync_reference: d.total for d in documents(pulled) if d.sync_reference}
    assert transferred.items() <= booked.items()
    assert set(booked) - set(transferred) == {"M-2024-007"}
