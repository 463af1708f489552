"""What a book has that may be ours: transactions as a person writes them, without a word of metadata."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from connectors.conformance.making import Making, booked, post
from connectors.ledger import Action, Posted, Posting, Sought
from connectors.records import Kind
from tests.connectors.ledgers.beancount_harness import BeancountHarness

DAY = date(2024, 3, 15)
AROUND = {"first": DAY - timedelta(days=5), "last": DAY + timedelta(days=5)}

BOOK = """
2024-01-01 open Assets:AccountsReceivable:M1
  name: "Club de voile"
2024-01-01 open Assets:AccountsReceivable:M2
  name: "Chorale"
2024-01-01 open Liabilities:AccountsPayable:S1
  name: "Imprimerie"

2024-03-15 * "Dépôt" "Deux chèques"
  Assets:Bank                       150.00 CAD
  Assets:AccountsReceivable:M1     -100.00 CAD
  Assets:AccountsReceivable:M2      -50.00 CAD

2024-03-15 * "Club de voile" "Facture F-77, cotisations" ^avril
  Assets:AccountsReceivable:M1      230.00 CAD
  Income:Dues                      -200.00 CAD
  Liabilities:GST                   -30.00 CAD

2024-03-15 * "Chorale" "Don"
  Assets:Bank                        25.00 CAD
  Income:Donations                  -25.00 CAD

2024-03-15 * "CHORALE" "Don rendu"
  Income:Donations                    7.00 CAD
  Assets:Bank                        -7.00 CAD

2024-03-15 * "Club de voile" "Chèque sans sous-compte"
  Assets:Bank                        33.00 CAD
  Assets:AccountsReceivable         -33.00 CAD

2024-03-15 * "Imprimerie" "Programme"
  Expenses:Office                    60.00 CAD
  Liabilities:AccountsPayable:S1    -60.00 CAD

2024-03-15 * "Radiation" ""
  Expenses:BadDebts                  11.00 CAD
  Assets:AccountsReceivable:M1      -11.00 CAD

2024-03-15 * "Paie" ""
  Expenses:Other                     90.00 CAD
  Assets:Bank                       -90.00 CAD

2024-03-15 * "Club" "Ventes" #caisse
  kind: "invoice"
  number: "OLD-1"
  Assets:AccountsReceivable:M1       12.00 CAD
  Income:Sales                      -12.00 CAD
"""


@pytest.fixture
def harness(tmp_path):
    harness = BeancountHarness(tmp_path)
    harness.book.write_text(harness.book.read_text(encoding="utf-8") + BOOK, encoding="utf-8")
    yield harness
    harness.check()


@pytest.fixture
def ledger(harness):
    return harness.open()


@pytest.mark.parametrize(
    ("kind", "customer", "total"),
    [
        (Kind.PAYMENT, "M1", "100.00"), (Kind.PAYMENT, "M2", "50.00"), (Kind.PAYMENT, "M1", "33.00"),
        (Kind.INVOICE, "M1", "230.00"), (Kind.INVOICE, "M1", "12.00"), (Kind.SALES_RECEIPT, "M2", "25.00"),
        (Kind.REFUND, "M2", "7.00"), (Kind.SUPPLIER_INVOICE, "S1", "60.00"), (Kind.JOURNAL_ENTRY, "", "90.00"),
    ],
)  # fmt: skip
def test_what_a_transaction_is_follows_from_what_it_does(ledger, kind, customer, total):
    """By the side it falls on and what stands against it; of a deposit for several each is one, by its own amount."""
    sought = Sought(name="x", kind=kind, customer=customer, total=Decimal(total), **AROUND)
    [found] = ledger.search([sought])["x"]
    assert (found.kind, found.customer, found.total, found.date) == (kind, customer, Decimal(total), DAY)
    assert found.key == ""


def test_what_may_be_several_kinds_is_asked_about_for_each(ledger):
    """A debt that was written off lowers what is owed as a payment or a credit does."""
    sought = {kind: Sought(name=kind, kind=kind, customer="M1", total=Decimal("11.00"), **AROUND)
              for kind in (Kind.PAYMENT, Kind.CREDIT_NOTE, Kind.INVOICE)}  # fmt: skip
    found = ledger.search(list(sought.values()))
    assert {kind: [one.kind for one in found[kind]] for kind in sought} == {kind: [None] for kind in sought}


@pytest.mark.parametrize("typed", ["F-77", "f-77", "avril", "^avril", " F-77 "])
def test_a_persons_invoice_is_known_by_a_word_or_a_link_of_it(ledger, typed):
    [found] = ledger.search([Sought(name="x", kind=Kind.INVOICE, reference=typed)])["x"]
    assert (found.total, found.number.casefold()) == (Decimal("230.00"), typed.strip(" ^").casefold())


def test_one_without_a_number_is_applied_to_by_what_it_is_known_by(harness, ledger):
    """It stays the same wherever it is moved to in the book, and is read back as any other."""
    [found] = ledger.search([Sought(name="x", kind=Kind.INVOICE, reference="F-77")])["x"]
    make = Making(harness, "CAD")
    booked(ledger, make.payment("M1", "200.00", [(found.ledger_id, "200.00")]))
    [aged] = [aged for aged in ledger.aged_receivables(DAY) if aged.customer == "M1"]
    text = harness.book.read_text(encoding="utf-8")
    harness.book.write_text(text.replace(BOOK, "") + "\n\n; moved\n" + BOOK, encoding="utf-8")
    with harness.open() as reopened:
        undo = Posting(key="u", record=make.invoice("M1").record, action=Action.VOID, reference=found.ledger_id)
        now = reopened.read([undo])[found.ledger_id]
        assert (now.total, now.void, len(now.applied)) == (Decimal("230.00"), False, 1)
        assert reopened.aged_receivables(DAY) == ledger.aged_receivables(DAY)
    assert aged.total == Decimal("-69.00")  # 230 + 12 - 200 - 100 - 11


def test_what_was_cut_out_or_changed_is_not_read_back(harness, ledger):
    [found] = ledger.search([Sought(name="x", kind=Kind.INVOICE, reference="F-77")])["x"]
    text = harness.book.read_text(encoding="utf-8")
    harness.book.write_text(text.replace("230.00 CAD", "231.00 CAD").replace("-200.00", "-201.00"), encoding="utf-8")
    undo = Posting(key="u", record=Making(harness, "CAD").invoice("M1").record, action=Action.VOID,
                   reference=found.ledger_id)  # fmt: skip
    assert ledger.read([undo]) == {}


def test_of_ours_and_a_persons_copy_of_it_one_is_told_and_what_takes_it_back_is_none(harness, ledger):
    make = Making(harness, "CAD")
    posting = make.invoice("M1", "55.00")
    answer = post(ledger, posting)[posting.key]
    assert isinstance(answer, Posted)
    copied = harness.file.read_text(encoding="utf-8")
    harness.book.write_text(harness.book.read_text(encoding="utf-8") + copied, encoding="utf-8")
    undo = Posting(key="undo", record=posting.record, action=Action.VOID, reference=answer.ledger_id, customer="M1",
                   booked=answer)  # fmt: skip
    booked(ledger, undo)
    for sought in (
        Sought(name="x", kind=Kind.INVOICE, customer="M1", total=Decimal("55.00"), **AROUND),
        Sought(name="x", kind=Kind.INVOICE, reference=posting.record.number),
        Sought(name="x", kind=Kind.INVOICE, reference=posting.key),
    ):
        [found] = ledger.search([sought])["x"]
        assert (found.ledger_id, found.void, found.key) == (posting.key, True, posting.key)
    assert ledger.search([Sought(name="x", kind=Kind.INVOICE, reference="undo")]) == {"x": []}
