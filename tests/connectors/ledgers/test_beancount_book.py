"""A person's book stays a person's book: what is refused, what is never touched, what survives anything."""

import errno
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from beancount.core.amount import Amount
from filelock import FileLock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.conformance.making import Making, booked, post, void
from connectors.ledger import Posted, Rejected
from connectors.ledgers.beancount import book as book_module
from connectors.ledgers.beancount.connector import BeancountLedger
from connectors.ledgers.beancount.settings import BeancountSettings
from connectors.problems import CannotRun
from connectors.records import DOCUMENT_KINDS, Direction, EntryLine, Kind
from tests.connectors.ledgers.beancount_harness import BeancountHarness
from tests.sampled import examples

HAND_KEPT = """
option "title" "Association hand-kept"
option "operating_currency" "CAD"
include "passerelle.beancount"

2020-01-01 open Assets:Bank CAD
  code: "1010"
  name: "Banque"
2020-01-01 open Assets:Old
  code: "1099"
2022-01-01 close Assets:Old
2020-01-01 open Assets:AccountsReceivable
  code: 1100
2020-01-01 open Assets:AccountsReceivable:M0007
  name: "Coopérative Sept"
  email: "sept@example.org"
2020-01-01 open Liabilities:GST
  code: "2310"
  tax: TRUE
2020-01-01 open Income:Dues
  code: "4100"

2024-02-01 * "Coopérative Sept" "Cotisation"
  number: "F-2024-001"
  kind: "invoice"
  due: 2024-02-15
  Assets:AccountsReceivable:M0007   200.00 CAD
  Income:Dues

2024-02-20 * "Coopérative Sept" "Chèque"
  applied: "F-2024-001"
  Assets:Bank   50.00 CAD
  Assets:AccountsReceivable:M0007
"""


@pytest.fixture
def harness(tmp_path):
    harness = BeancountHarness(tmp_path)
    yield harness
    harness.check()


@pytest.fixture
def kept(tmp_path):
    """A book that a person keeps, without our accounts payable and deposit accounts."""
    (tmp_path / "book.beancount").write_text(HAND_KEPT, encoding="utf-8")
    harness = BeancountHarness(tmp_path)
    yield harness
    harness.check()


@pytest.fixture
def ledger(harness):
    return harness.open()


@pytest.fixture
def make(harness):
    return Making(harness, "CAD")


def add(path, text):
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def problem(ledger, posting):
    outcome = post(ledger, posting)[posting.key]
    assert isinstance(outcome, Rejected)
    return outcome.problem


def stopped(call):
    with pytest.raises(CannotRun) as caught:
        call()
    [found] = caught.value.problems
    return found


# --- what is written, and what is not


def test_prepare_never_touches_what_exists(kept):
    kept.file.write_text("; mine\n", encoding="utf-8")
    kept.open().prepare("Club")
    assert kept.book.read_text(encoding="utf-8") == HAND_KEPT
    assert kept.file.read_text(encoding="utf-8") == "; mine\n"


def test_the_book_is_never_written_and_our_file_only_grows(kept):
    make = Making(kept, "CAD")
    kept.file.write_bytes("; gardé tel quel\r\n; sans fin de ligne".encode())
    with kept.open() as ledger:
        for _ in range(3):
            before = kept.file.read_bytes()
            booked(ledger, make.invoice("M0007", tax="5.00"))
            assert kept.file.read_bytes().startswith(before)
            assert len(kept.file.read_bytes()) > len(before)
    assert kept.book.read_text(encoding="utf-8") == HAND_KEPT
    assert sorted(path.name for path in kept.folder.iterdir() if path.suffix != ".lock") == [
        "book.beancount",
        "passerelle.beancount",
    ]


def test_a_book_is_loaded_once_for_many_batches(harness, make, monkeypatch):
    """A book of 20,000 entries takes seconds to load; a batch must not cost that."""
    loads, load = [], book_module.reading.load
    monkeypatch.setattr(book_module.reading, "load", lambda *args: loads.append(args) or load(*args))
    ledger = harness.open()
    [customer] = booked(ledger, make.customer())
    postings = [make.invoice(customer) for _ in range(3 * ledger.capabilities.batch_size)]
    booked(ledger, *postings)
    assert len(ledger.find(postings)) == len(postings)
    assert len(loads) == 1


def test_beancount_is_not_imported_by_who_does_not_use_it():
    listing = "import connectors.registry as r, sys; print(r.names(r.LEDGERS), 'beancount' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True).stdout
    assert answer.strip().endswith("False")
    assert "'beancount'" in answer


def test_what_is_refused_or_known_writes_nothing(harness, ledger, make):
    [customer] = booked(ledger, make.customer())
    known = make.invoice(customer)
    booked(ledger, known)
    before = harness.file.read_bytes(), harness.file.stat().st_mtime_ns
    post(ledger, known, make.invoice("NOBODY"))
    assert (harness.file.read_bytes(), harness.file.stat().st_mtime_ns) == before


def test_a_document_carries_its_key_as_link_and_metadata(harness, ledger, make):
    [customer] = booked(ledger, make.customer("Métiers d'art"))
    posting = make.invoice(customer, "100.00", tax="5.00", memo="Cotisation")
    booked(ledger, posting)
    rows = harness.query(
        "SELECT DISTINCT payee, narration, entry_meta('number'), entry_meta('total'), "
        f"entry_meta('due') WHERE '{posting.key}' IN links AND entry_meta('key') = '{posting.key}'"
    )
    record = posting.record
    assert rows == [("Métiers d'art", "Cotisation", record.number, Amount(Decimal("105.00"), "CAD"), record.due)]


def test_a_payment_keeps_the_metadata_of_each_allocation(harness, ledger, make):
    [customer] = booked(ledger, make.customer())
    invoices = booked(ledger, make.invoice(customer, "70.00"), make.invoice(customer, "30.00"))
    payment = make.payment(customer, "100.00", zip(invoices, ("70.00", "30.00"), strict=True), method="Visa")
    booked(ledger, payment)
    fields = ("applied-1", "applied-amount-1", "applied-2", "applied-amount-2", "method")
    columns = ", ".join(f"entry_meta('{name}')" for name in fields)
    rows = harness.query(f"SELECT DISTINCT {columns} WHERE '{payment.key}' IN links")
    seventy, thirty = (Amount(Decimal(amount), "CAD") for amount in ("70.00", "30.00"))
    assert rows == [(invoices[0], seventy, invoices[1], thirty, "Visa")]


def test_a_supplier_who_is_billed_gets_a_sub_account_on_both_sides(harness, ledger, make):
    [both] = booked(ledger, make.customer("Traiteur", is_supplier=True))
    booked(ledger, make.document(Kind.SUPPLIER_INVOICE, both, "80.00"), make.invoice(both, "30.00"))
    assert {r[0] for r in harness.query("SELECT account FROM #accounts") if r[0].endswith(both)} == {
        f"Assets:AccountsReceivable:{both}",
        f"Liabilities:AccountsPayable:{both}",
    }
    assert [c.reference for c in ledger.lists().customers] == [both]
    assert harness.receivables(harness.day) == {(both, "CAD"): Decimal("30.00")}


def test_the_last_change_is_true_whatever_side_it_was_written_on(harness, make):
    text = harness.book.read_text(encoding="utf-8")
    text = text.replace("2000-01-01 open Liabilities:AccountsPayable", "2010-01-01 open Liabilities:AccountsPayable")
    harness.book.write_text(text, encoding="utf-8")
    ledger, supplier = harness.open(), make.customer("Avant", is_supplier=True, email="a@example.org")
    [both] = booked(ledger, supplier)
    booked(ledger, make.change(both, supplier, name="Pendant"), make.invoice(both))
    booked(ledger, make.change(both, supplier, name="Après", email=""))
    for reader in (ledger, harness.open()):
        [customer] = reader.lists().customers
        assert (customer.name, customer.email) == ("Après", "")


def test_customers_of_colliding_numbers_get_a_suffix(ledger, make):
    postings = [make.customer(f"Client {n}") for n in range(3)]
    postings = [
        replace(p, record=replace(p.record, number=n)) for p, n in zip(postings, ("A/1", "A-1", "A 1"), strict=True)
    ]
    assert booked(ledger, *postings) == ["A-1", "A-1-2", "A-1-3"]


# --- reading what a person wrote


def test_hand_written_customers_accounts_and_codes_are_listed(kept):
    lists = kept.open().lists()
    [customer] = lists.customers
    assert (customer.reference, customer.name, customer.number) == ("M0007", "Coopérative Sept", "M0007")
    assert {a.code: (a.name, a.active) for a in lists.accounts} == {
        "1010": ("Banque", True),
        "1099": ("Assets:Old", False),
        "1100": ("Assets:AccountsReceivable", True),
        "2310": ("Liabilities:GST", True),
        "4100": ("Income:Dues", True),
    }
    assert [c.code for c in lists.tax_codes] == ["2310"]
    assert kept.open().connect().company == "Association hand-kept"


def test_a_hand_written_number_is_taken_for_its_kind_alone(kept):
    ledger, make = kept.open(), Making(kept, "CAD")
    assert problem(ledger, make.invoice("M0007", number="F-2024-001")).code == "number_taken"
    booked(ledger, make.document(Kind.CREDIT_NOTE, "M0007", number="F-2024-001"))


def test_suppliers_may_use_the_same_number(ledger, make):
    first, second = booked(ledger, *(make.customer(f"Fournisseur {n}", is_supplier=True) for n in range(2)))
    bill = Kind.SUPPLIER_INVOICE
    booked(ledger, make.document(bill, first, number="1001"), make.document(bill, second, number="1001"))
    assert problem(ledger, make.document(bill, first, number="1001")).code == "number_taken"


def test_a_payment_goes_to_a_hand_written_invoice_by_its_number(kept):
    ledger, make = kept.open(), Making(kept, "CAD")
    booked(ledger, make.payment("M0007", "120.00", [("F-2024-001", "120.00")]))
    [aged] = ledger.aged_receivables(date(2024, 3, 31))
    assert (aged.customer, aged.days_60, aged.current) == ("M0007", Decimal("30.00"), 0)


def test_what_stands_on_the_receivable_account_itself_has_no_customer(kept):
    add(kept.book, '\n2024-03-01 * "Divers"\n  Assets:AccountsReceivable  9.00 CAD\n  Income:Dues\n')
    assert [(a.customer, a.total) for a in kept.open().aged_receivables(date(2024, 3, 31))] == [
        ("", Decimal("9.00")),
        ("M0007", Decimal("150.00")),
    ]


def test_an_entry_that_a_person_moved_into_the_book_is_still_found(harness, ledger, make):
    [customer] = booked(ledger, make.customer())
    posting = make.invoice(customer)
    booked(ledger, posting)
    add(harness.book, harness.file.read_text(encoding="utf-8"))
    harness.file.write_text("", encoding="utf-8")
    assert posting.key in ledger.find([posting])
    assert post(ledger, posting)[posting.key].replayed


@pytest.mark.parametrize("day", ["2024-01-02", "2024-12-31"])
def test_of_an_entry_and_a_persons_copy_of_it_the_original_is_undone(harness, ledger, make, day):
    """Whoever copies an entry to write a similar one leaves our key in it."""
    [customer] = booked(ledger, make.customer())
    posting = make.invoice(customer, "100.00")
    undo = void(posting, post(ledger, posting)[posting.key])
    _, _, entry = ledger._settings.file_path.read_text(encoding="utf-8").rpartition("\n2024-03-15")
    assert posting.key in entry
    copy = entry.replace("Income:Dues", "Income:Events").replace("total: 100.00", "total: 99.00")
    add(ledger._settings.book_path, f"\n{day}{copy}")
    with harness.open() as reopened:
        assert reopened.find([posting])[posting.key].total == 100
        booked(reopened, undo)
    assert {code: amount for code, amount in harness.balances().items() if amount} == {"1100": 100, "4200": -100}


def test_what_a_person_took_out_of_the_book_is_proved_absent(harness, ledger, make):
    posting = make.customer()
    booked(ledger, posting)
    harness.file.write_text("", encoding="utf-8")
    assert ledger.find([posting]) == {}


def test_a_book_of_renamed_roots_is_kept_in_its_words(tmp_path):
    (tmp_path / "book.beancount").write_text(
        'option "name_assets" "Actif"\noption "name_income" "Produits"\ninclude "passerelle.beancount"\n'
        "2020-01-01 open Actif:Clients\n2020-01-01 open Actif:Banque\n2020-01-01 open Produits:Dons\n",
        encoding="utf-8",
    )
    accounts = {"receivable": "Actif:Clients", "deposit": "Actif:Banque"}
    ledger = BeancountLedger(BeancountSettings(folder=tmp_path, **accounts))
    ledger.prepare("Club")
    harness = BeancountHarness(tmp_path)
    make = Making(harness, "CAD")
    [customer] = booked(ledger, make.customer())
    for _ in range(2):
        invoice = make.invoice(customer)
        lines = tuple(replace(line, ledger_account="Produits:Dons") for line in invoice.record.lines)
        booked(ledger, replace(invoice, record=replace(invoice.record, lines=lines)))
    harness.check()
    assert harness.file.read_text(encoding="utf-8").count("option") == 2


# --- refusals


def test_a_closed_or_currency_bound_account_is_refused(kept):
    ledger, make = kept.open(), Making(kept, "CAD")
    closed = problem(ledger, make.payment("M0007", deposit_account="1099"))
    assert (closed.code, closed.params["code"], closed.params["date"]) == ("not_in_ledger", "Assets:Old", "2024-03-15")
    early = BeancountLedger(BeancountSettings(folder=kept.folder))
    assert problem(early, make.invoice("M0007", date=date(2019, 12, 31))).code == "not_in_ledger"
    add(kept.book, '\n2020-01-01 open Assets:BankUS USD\n  code: "1011"\n')
    bound = problem(ledger, make.payment("M0007", currency="USD", deposit_account="1011"))
    assert (bound.code, "CAD" in bound.detail) == ("ledger_refused", True)
    assert problem(ledger, make.payment("M0007", deposit_account="")).code == "not_in_ledger"


def test_a_code_that_is_no_currency_is_refused(ledger, make):
    [customer] = booked(ledger, make.customer())
    for code in ("", "cad", "C$", "CAD\n2020-01-01 open Assets:X", "TRUE"):
        assert problem(ledger, make.invoice(customer, currency=code)).code == "currency_unsupported"


def test_what_does_not_add_up_is_refused_by_a_cent(ledger, make):
    [customer] = booked(ledger, make.customer())
    invoice = make.invoice(customer, "100.00", total=Decimal("100.01"))
    found = problem(ledger, invoice)
    assert (found.code, dict(found.params)) == (
        "lines_do_not_add_up",
        {"lines": "100.00", "taxes": "0", "total": "100.01"},
    )
    entry = make.entry()
    lines = (entry.record.lines[0], EntryLine(account="x", credit=Decimal(99), ledger_account="4100"))
    assert problem(ledger, replace(entry, record=replace(entry.record, lines=lines))).code == "entry_not_balanced"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_amount_is_refused(ledger, make, number):
    [customer] = booked(ledger, make.customer())
    assert problem(ledger, make.payment(customer, number)).code == "no_amount"
    assert problem(ledger, make.invoice(customer, total=Decimal(number))).code == "no_amount"


def test_a_payment_allocated_beyond_its_amount_is_refused(ledger, make):
    [customer] = booked(ledger, make.customer())
    first, second = booked(ledger, make.invoice(customer), make.invoice(customer))
    payment = make.payment(customer, "100.00", [(first, "60.00"), (second, "60.00")])
    assert problem(ledger, payment).code == "payment_over_allocated"


def test_a_payment_that_comes_from_the_ledger_is_not_booked_back(ledger, make):
    [customer] = booked(ledger, make.customer())
    assert problem(ledger, make.payment(customer, direction=Direction.FROM_LEDGER)).code == "kind_unsupported"


def test_an_entry_before_an_asserted_balance_is_refused(harness, ledger, make):
    [customer] = booked(ledger, make.customer())
    booked(ledger, make.payment(customer, "5.00"))
    add(harness.book, f"\n{harness.day + timedelta(days=10)} balance Assets:Bank 5.00 CAD\n")
    found = problem(ledger, make.payment(customer, "7.00"))
    assert (found.code, found.params["code"]) == ("balance_asserted", "Assets:Bank")
    assert found.params["place"].startswith(f"{harness.book}:")
    booked(ledger, make.payment(customer, "7.00", date=harness.day + timedelta(days=10)), make.invoice(customer))


def test_an_entry_before_an_asserted_balance_of_all_receivables_is_refused(harness, ledger, make):
    [customer] = booked(ledger, make.customer())
    add(harness.book, f"\n{harness.day + timedelta(days=1)} balance Assets:AccountsReceivable 0.00 CAD\n")
    assert problem(ledger, make.invoice(customer)).code == "balance_asserted"


PLUGIN = """
import collections
__plugins__ = ["check"]
Error = collections.namedtuple("Error", "source message entry")
def check(entries, options, place):
    bad = [entry for entry in entries if getattr(entry, "narration", "") == "Gala"]
    return entries, [Error(e.meta if place == "entry" else {"filename": "b", "lineno": 0}, "no galas", e) for e in bad]
"""


def with_plugin(harness, place):
    (harness.folder / "nogala.py").write_text(PLUGIN)
    text = harness.book.read_text(encoding="utf-8")
    options = f'option "insert_pythonpath" "TRUE"\nplugin "nogala" "{place}"\n'
    harness.book.write_text(options + text, encoding="utf-8")


ALLOWED = {"plugins": ("nogala",), "python_path": True}


def test_what_the_books_own_plugin_refuses_is_refused_and_its_siblings_are_booked(harness, make):
    with_plugin(harness, "entry")
    harness.allowed = ALLOWED
    ledger = harness.open()
    [customer] = booked(ledger, make.customer())
    good, bad, more = (make.invoice(customer, memo=memo) for memo in ("Cotisation", "Gala", "Don"))
    outcomes = post(ledger, good, bad, more)
    assert [type(outcomes[p.key]) for p in (good, bad, more)] == [Posted, Rejected, Posted]
    assert outcomes[bad.key].problem.detail == "no galas"
    assert bad.key not in ledger.find([bad])


def test_an_error_of_a_plugin_that_names_no_entry_is_held_against_the_batch(harness, make):
    with_plugin(harness, "elsewhere")
    harness.allowed = ALLOWED
    ledger = harness.open()
    [customer] = booked(ledger, make.customer())
    postings = [make.invoice(customer, memo=memo) for memo in ("Cotisation", "Gala")]
    outcomes = post(ledger, *postings)
    assert [outcomes[p.key].problem.detail for p in postings] == ["no galas"] * 2
    booked(ledger, postings[0])


def test_a_supplier_is_refused_by_a_book_without_payables(kept):
    ledger, make = kept.open(), Making(kept, "CAD")
    supplier, customer = make.customer(is_supplier=True), make.customer()
    outcomes = post(ledger, supplier, customer)
    assert outcomes[supplier.key].problem.code == "book_lacks_account"
    assert isinstance(outcomes[customer.key], Posted)
    assert problem(ledger, make.document(Kind.SUPPLIER_INVOICE, "M0007")).code == "not_in_ledger"


# --- what stops everything


def test_a_missing_book_or_file_stops(tmp_path):
    ledger = BeancountLedger(BeancountSettings(folder=tmp_path))
    assert stopped(ledger.connect).code == "book_missing"
    ledger.prepare("Club")
    (tmp_path / "passerelle.beancount").unlink()
    found = stopped(ledger.connect)
    assert (found.code, found.params["path"]) == ("book_missing", str(tmp_path / "passerelle.beancount"))


def test_a_book_that_does_not_include_our_file_stops(kept):
    kept.book.write_text(HAND_KEPT.replace('include "passerelle.beancount"', ""), encoding="utf-8")
    found = stopped(kept.open().connect)
    assert (found.code, found.params["file"]) == ("book_not_included", "passerelle.beancount")


@pytest.mark.parametrize(
    "damage",
    ['2024-01-01 * "x"\n  Assets:Bank 1 CAD\n', "2024-01-01 balance Assets:Bank 1 CAD\n", "open\n", '"é'],
)
def test_a_damaged_book_stops_with_the_first_error(kept, damage):
    ledger, make = kept.open(), Making(kept, "CAD")
    ledger.connect()
    before = kept.file.read_bytes()
    add(kept.book, damage)
    found = stopped(ledger.connect)
    assert found.code == "book_damaged"
    assert found.detail
    assert found.params["place"].startswith(str(kept.book))
    assert stopped(lambda: list(ledger.post([make.invoice("M0007")]))).code == "book_damaged"
    assert kept.file.read_bytes() == before
    kept.book.write_text(HAND_KEPT, encoding="utf-8")
    booked(ledger, make.invoice("M0007"))


def test_a_file_in_another_encoding_stops(kept):
    kept.book.write_bytes(HAND_KEPT.encode("latin-1"))
    assert stopped(kept.open().connect).code == "book_damaged"
    kept.book.write_text(HAND_KEPT, encoding="utf-8")


def test_an_unknown_receivable_account_stops(kept):
    ledger = BeancountLedger(BeancountSettings(folder=kept.folder, receivable="Assets:Clients"))
    found = stopped(ledger.connect)
    assert (found.code, found.params["account"]) == ("book_lacks_account", "Assets:Clients")


def test_a_book_that_another_process_writes_to_stops(harness, ledger, make, monkeypatch):
    monkeypatch.setattr(book_module, "PATIENCE", 0.01)
    with FileLock(f"{harness.file.resolve()}.lock", is_singleton=False):
        assert stopped(lambda: ledger.post([make.customer()])).code == "ledger_busy"
    booked(ledger, make.customer())


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "disk_full"), (errno.EACCES, "book_unwritable"), (errno.EIO, "book_unwritable")]
)
def test_what_cannot_be_written_is_not_booked(harness, ledger, make, monkeypatch, number, code):
    [customer] = booked(ledger, make.customer())
    before, posting = harness.file.read_bytes(), make.invoice(customer)

    def fail(_):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(book_module.os, "fsync", fail)
        assert stopped(lambda: ledger.post([posting])).code == code
    assert harness.file.read_bytes() == before
    assert not list(harness.folder.glob("*.new"))
    assert ledger.find([posting]) == {}
    assert not post(ledger, posting)[posting.key].replayed


@pytest.mark.parametrize(
    "settings", [{"file": "../x.beancount"}, {"file": "*.beancount"}, {"receivable": "x"}, {"a": 1}]
)
def test_settings_that_make_no_sense_are_refused(tmp_path, settings):
    with pytest.raises(ValueError, match="validation error"):
        BeancountSettings(folder=tmp_path, **settings)


# --- somebody else writes at the same time


@pytest.mark.parametrize("edited", ["book", "file"])
def test_a_save_between_two_batches_is_seen_and_kept(harness, ledger, make, edited):
    [customer] = booked(ledger, make.customer())
    path = getattr(harness, edited)
    add(
        path,
        f'\n2024-03-01 * "À la main"\n  number: "F-9"\n  kind: "invoice"\n'
        f"  Assets:AccountsReceivable:{customer}  5.00 CAD\n  Income:Dues\n",
    )
    assert problem(ledger, make.invoice(customer, number="F-9")).code == "number_taken"
    booked(ledger, make.invoice(customer))
    assert "À la main" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("edited", ["book", "file"])
def test_a_save_while_a_batch_is_being_written_is_seen_and_kept(harness, ledger, make, monkeypatch, edited):
    [customer] = booked(ledger, make.customer())
    path, fsync, saves = getattr(harness, edited), os.fsync, []

    def fsync_while_somebody_saves(handle):
        fsync(handle)
        if not saves:
            saves.append(path)
            add(
                path,
                f'\n2024-03-01 * "À la main"\n  number: "F-9"\n  kind: "invoice"\n'
                f"  Assets:AccountsReceivable:{customer}  5.00 CAD\n  Income:Dues\n",
            )

    monkeypatch.setattr(book_module.os, "fsync", fsync_while_somebody_saves)
    taken, free = make.invoice(customer, number="F-9"), make.invoice(customer)
    outcomes = post(ledger, taken, free)
    assert saves
    assert outcomes[taken.key].problem.code == "number_taken"
    assert isinstance(outcomes[free.key], Posted)
    assert "À la main" in path.read_text(encoding="utf-8")


POST_ALL = """
import sys
from pathlib import Path
from connectors.ledger import Posting
from connectors.ledgers.beancount.connector import BeancountLedger
from connectors.ledgers.beancount.settings import BeancountSettings
from connectors.records import Customer
ledger = BeancountLedger(BeancountSettings(folder=Path(sys.argv[1])))
ledger.connect()
print("ready", flush=True)
sys.stdin.readline()
for n in range(0, 60, 6):
    records = [Customer(key=f"k-{i}", number=f"M{i}", name=f"Client {i}") for i in range(n, n + 6)]
    batch = [Posting(key=record.key, record=record) for record in records]
    for outcome in ledger.post(batch):
        print(outcome.key, outcome.ledger_id, outcome.replayed, flush=True)
"""


def test_two_processes_posting_the_same_keys_book_each_once(harness):
    command = [sys.executable, "-c", POST_ALL, str(harness.folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, **pipes) for _ in range(2)]
    assert [process.stdout.readline() for process in processes] == ["ready\n"] * 2
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate()[0].split("\n")[:-1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert [len(lines) for lines in answers] == [60, 60]
    booked_by_whom = Counter(line.split()[0] for lines in answers for line in lines if line.endswith("False"))
    assert booked_by_whom == {f"k-{i}": 1 for i in range(60)}
    assert len(harness.open().lists().customers) == 60


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_kill_at_any_moment_leaves_the_old_or_the_new_file(harness, ledger, make):
    """SIGKILL before every single step that ``book.py`` takes while it appends."""
    [customer] = booked(ledger, make.customer())
    moment = survived = 0
    while not survived:
        moment += 1
        postings = [make.invoice(customer, "1.00"), make.payment(customer, "1.00")]
        before = harness.file.read_bytes()
        survived = _killed_at(moment, ledger, postings) == 0
        after = harness.file.read_bytes()
        assert after.startswith(before)
        found = harness.open().find(postings)
        assert len(found) == (2 if after != before else 0)
        outcomes = post(ledger, *postings)
        assert {key for key, outcome in outcomes.items() if outcome.replayed} == found.keys()
    assert moment > 20
    keys = [key for (key,) in harness.query("SELECT entry_meta('key') WHERE account ~ 'Receivable:'")]
    assert set(Counter(keys).values()) == {1}


def _killed_at(moment, ledger, postings):
    """Post in a child that kills itself before the given step; 0 when it came through."""
    child = os.fork()
    if child == 0:
        steps = 0

        def step(frame, event, _):
            nonlocal steps
            if event in ("call", "c_call") and Path(frame.f_code.co_filename).name == "book.py":
                steps += 1
                if steps == moment:
                    os.kill(os.getpid(), 9)

        sys.setprofile(step)
        list(ledger.post(postings))
        os._exit(0)
    return os.waitpid(child, 0)[1]


# --- receivables


def test_receivables_equal_bean_query_after_anything(tmp_path_factory):
    """Ages come from applied amounts; totals are always what ``bean-query`` says."""
    day, step = date(2024, 1, 1), st.integers(0, 200).map(lambda n: timedelta(days=n))
    cents = st.integers(0, 20_000).map(lambda n: Decimal(n) / 100)
    kinds = st.sampled_from([Kind.INVOICE, Kind.CREDIT_NOTE, Kind.PAYMENT])
    events = st.lists(st.tuples(kinds, st.integers(0, 1), step, cents, st.integers(0, 9), cents), max_size=12)

    @settings(max_examples=examples(15), suppress_health_check=list(HealthCheck))
    @given(events, step, st.sampled_from(["CAD", "USD"]))
    def check(events, until, currency):
        harness = BeancountHarness(tmp_path_factory.mktemp("book"))
        ledger, make = harness.open(), Making(harness, "CAD")
        customers = booked(ledger, make.customer("A"), make.customer("B"))
        invoices = []
        for kind, who, after, amount, target, part in events:
            invoice, total = invoices[target % len(invoices)] if invoices else ("", amount)
            most = min(part, amount, total) if kind is Kind.CREDIT_NOTE else min(part, amount)
            applied = [(invoice, str(most))] if invoice else []
            fields = {"date": day + after, "currency": currency}
            if kind is Kind.INVOICE:
                [made] = booked(ledger, make.invoice(customers[who], str(amount), **fields))
                invoices.append((made, amount))
            elif kind is Kind.PAYMENT:
                booked(ledger, make.payment(customers[who], str(amount), applied, **fields, deposit_account="1050"))
            else:
                booked(ledger, make.document(kind, customers[who], str(amount), applied=applied, **fields))
        on = day + until
        ours = {(a.customer, a.currency or "CAD"): a.total for a in ledger.aged_receivables(on) if a.total}
        assert ours == harness.receivables(on)
        assert ledger.aged_receivables(on) == harness.open().aged_receivables(on)
        harness.check()

    check()


def test_the_real_commands_agree(harness, ledger, make):
    customers = booked(ledger, make.customer("A"), make.customer("B"))
    for customer in customers:
        [invoice] = booked(ledger, make.invoice(customer, "100.00", tax="14.98"))
        booked(ledger, make.payment(customer, "14.98", [(invoice, "14.98")]))
    booked(ledger, *(make.of_kind(kind, *customers) for kind in sorted(DOCUMENT_KINDS)), make.entry())
    tools = Path(sys.executable).parent
    check = subprocess.run([tools / "bean-check", harness.book], capture_output=True, text=True)
    assert (check.returncode, check.stdout, check.stderr) == (0, "", "")
    statement = "SELECT account, sum(number) AS owed WHERE account ~ 'AccountsReceivable:' GROUP BY account"
    query = subprocess.run([tools / "bean-query", "-f", "csv", harness.book, statement], capture_output=True, text=True)
    rows = dict(line.strip().rsplit(",", 1) for line in query.stdout.splitlines()[1:])
    owed = {f"Assets:AccountsReceivable:{a.customer}": a.total for a in ledger.aged_receivables(harness.day)}
    assert {account: Decimal(amount) for account, amount in rows.items()} == owed
    assert len(owed) == 2
