"""The part of the suite about what a ledger has that may be a record of ours, whoever booked it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.conformance.applying import only_where
from connectors.conformance.harness import Hands, Harness
from connectors.conformance.making import KINDS_BOOKED, TYPED, Making, booked, post, void
from connectors.ledger import Ledger, Posting, Sought
from connectors.records import DOCUMENT_KINDS, Customer, JournalEntry, Kind, Payment

DAYS = timedelta(days=4)
BY_HAND = (Kind.INVOICE, Kind.PAYMENT, Kind.CREDIT_NOTE)


class Searches:
    """Statements for ledgers that declare ``searches``; it must then search for every kind that it takes."""

    @pytest.mark.parametrize("kind", KINDS_BOOKED)
    def test_what_is_booked_is_sought_by_id_by_number_and_by_likeness(
        self, ledger: Ledger, make: Making, customer: str, supplier: str, kind: Kind
    ) -> None:
        only_where(ledger.capabilities.searches and kind in ledger.capabilities.kinds)
        fields = {"tax": "14.98"} if kind in DOCUMENT_KINDS else {}
        posting = make.of_kind(kind, customer, supplier, **fields)
        [ledger_id] = booked(ledger, posting)
        told = ledger.search([
            Sought(name="id", kind=kind, reference=ledger_id),
            Sought(name="typed number", kind=kind, reference=posting.record.number),
            Sought(name="number", kind=kind, number=posting.record.number),
            like("like", posting),
        ])  # fmt: skip
        for name in ("id", "typed number", "number", "like"):
            [standing] = told[name]
            assert (standing.ledger_id, standing.kind, standing.void) == (ledger_id, kind, False), name
            assert (standing.number, standing.date) == (posting.record.number, make.harness.day), name
            assert (standing.total, standing.currency) == (total(posting), ""), name
            assert standing.customer in (posting.customer, ""), name
            assert standing.customer or kind in (Kind.SALES_RECEIPT, Kind.REFUND, Kind.JOURNAL_ENTRY), name
            assert standing.key in ("", posting.key), name

    def test_the_address_of_its_page_is_a_reference(self, ledger: Ledger, make: Making, customer: str) -> None:
        only_where(ledger.capabilities.searches)
        postings = [make.invoice(customer), make.payment(customer), make.entry()]
        ids = booked(ledger, *(posting for posting in postings if posting.record.kind in ledger.capabilities.kinds))
        found = ledger.search([Sought(name=each, kind=Kind.INVOICE, reference=each) for each in ids])
        pages = {each: standing.url for each in ids for standing in found[each] if standing.url}
        again = ledger.search([Sought(name=each, kind=Kind.INVOICE, reference=url) for each, url in pages.items()])
        assert {each: [one.ledger_id for one in again[each]] for each in pages} == {each: [each] for each in pages}

    def test_many_are_sought_at_once_and_each_has_its_own_answer(
        self, ledger: Ledger, make: Making, customer: str
    ) -> None:
        only_where(ledger.capabilities.searches)
        postings = [make.invoice(customer, f"{n}.00") for n in range(1, 60)]
        ids = booked(ledger, *postings)
        absent = [make.invoice(customer, f"{n}.50") for n in range(1, 60)]
        found = ledger.search([
            *(Sought(name=f"id {p.key}", kind=Kind.INVOICE, reference=i) for p, i in zip(postings, ids, strict=True)),
            *(Sought(name=f"no {p.key}", kind=Kind.INVOICE, number=p.record.number) for p in (*postings, *absent)),
            *(like(f"like {p.key}", p) for p in (*postings, *absent)),
        ])  # fmt: skip
        assert len(found) == 5 * 59
        for posting, ledger_id in zip(postings, ids, strict=True):
            for way in ("id", "no", "like"):
                assert [one.ledger_id for one in found[f"{way} {posting.key}"]] == [ledger_id]
        assert not any(found[f"{way} {posting.key}"] for posting in absent for way in ("no", "like"))
        assert ledger.search([]) == {}

    @pytest.mark.parametrize("kind", BY_HAND)
    @pytest.mark.parametrize("number", ["", "MAIN-7"])
    def test_what_a_person_booked_is_sought_as_what_we_did(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str, kind: Kind, number: str
    ) -> None:
        only_where(ledger.capabilities.searches and kind in ledger.capabilities.kinds)
        other = booked(ledger, make.customer("Une autre"))[0]
        ledger_id = keyed_in(harness.hands(), kind, customer, number)
        keyed_in(harness.hands(), kind, other, "")
        around = Sought(name="like", kind=kind, customer=customer, total=Decimal("80.00"),
                        first=harness.day - DAYS, last=harness.day + DAYS)  # fmt: skip
        with harness.open() as reopened:
            found = reopened.search([
                around, Sought(name="id", kind=kind, reference=ledger_id),
                Sought(name="number", kind=kind, number=number or "NONE-7"),
                Sought(name="typed number", kind=kind, reference=number or "NONE-7"),
            ])  # fmt: skip
        assert all(len(found[name]) == bool(number) for name in ("number", "typed number"))
        for name in ("like", "id", *(("number", "typed number") if number else ())):
            [standing] = found[name]
            assert (standing.ledger_id, standing.kind, standing.customer) == (ledger_id, kind, customer), name
            assert (standing.total, standing.date, standing.key) == (Decimal("80.00"), harness.day, ""), name
            assert standing.number == number or name in ("like", "id"), (
                "a book's person may have named it in words alone"
            )

    def test_another_customer_day_total_or_kind_is_not_like_it(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str
    ) -> None:
        only_where(ledger.capabilities.searches)
        other = booked(ledger, make.customer("Une autre"))[0]
        payment = make.payment(customer, "80.00")
        booked(ledger, payment, make.payment(other, "81.00"), make.invoice(customer, "82.00"))
        days: dict[str, Any] = {"first": harness.day - DAYS, "last": harness.day + DAYS}
        found = ledger.search([
            Sought(name="customer", kind=Kind.PAYMENT, customer=customer, total=Decimal("81.00"), **days),
            Sought(name="kind", kind=Kind.PAYMENT, customer=customer, total=Decimal("82.00"), **days),
            Sought(name="total", kind=Kind.PAYMENT, customer=customer, total=Decimal("80.01"), **days),
            Sought(name="day", kind=Kind.PAYMENT, customer=customer, total=Decimal("80.00"),
                   first=harness.day + DAYS, last=harness.day + 2 * DAYS),
            Sought(name="number", kind=Kind.INVOICE, number=payment.record.number),
            Sought(name="itself", kind=Kind.PAYMENT, customer=customer, total=Decimal("80.00"),
                   first=harness.day, last=harness.day),
            Sought(name="whatever total", kind=Kind.PAYMENT, customer=customer, **days),
            Sought(name="nothing known", kind=Kind.PAYMENT, **days),
        ])  # fmt: skip
        assert {name: len(standings) for name, standings in found.items() if standings} == {
            "itself": 1, "whatever total": 1,
        }  # fmt: skip

    def test_what_is_void_is_told_so(self, ledger: Ledger, make: Making, customer: str) -> None:
        only_where(ledger.capabilities.searches and Kind.INVOICE in ledger.capabilities.voids)
        posting, other = make.invoice(customer, "100.00"), make.invoice(customer, "25.00")
        answer = post(ledger, posting, other)[posting.key]
        booked(ledger, void(posting, answer))  # type: ignore[arg-type] # it was booked, or the void fails
        found = ledger.search([
            Sought(name="gone", kind=Kind.INVOICE, number=posting.record.number),
            Sought(name="there", kind=Kind.INVOICE, number=other.record.number),
        ])  # fmt: skip
        assert all(standing.void for standing in found["gone"])
        assert [standing.void for standing in found["there"]] == [False]

    @pytest.mark.parametrize("typed", TYPED.values(), ids=TYPED)
    def test_what_a_person_typed_finds_nothing_and_hurts_nothing_beside_it(
        self, ledger: Ledger, make: Making, customer: str, typed: str
    ) -> None:
        only_where(ledger.capabilities.searches)
        posting = make.invoice(customer, "10.00")
        [ledger_id] = booked(ledger, posting)
        day = make.harness.day
        found = ledger.search([
            Sought(name="reference", kind=Kind.INVOICE, reference=typed),
            Sought(name="number", kind=Kind.PAYMENT, number=typed),
            Sought(name="customer", kind=Kind.INVOICE, customer=typed, total=Decimal("10.00"), first=day, last=day),
            Sought(name="good", kind=Kind.INVOICE, number=posting.record.number),
        ])  # fmt: skip
        assert {name: [one.ledger_id for one in standings] for name, standings in found.items()} == {
            "reference": [], "number": [], "customer": [], "good": [ledger_id],
        }  # fmt: skip

    @pytest.mark.parametrize("number", ["A%1", "A_1", "A'1", "É 1", "A:1", "A,1"])
    def test_a_number_is_sought_as_it_is_written(
        self, ledger: Ledger, make: Making, customer: str, number: str
    ) -> None:
        declared = ledger.capabilities
        only_where(declared.searches and not set(number) & set(declared.forbidden_in_numbers))
        _, ledger_id = booked(ledger, make.invoice(customer, number="AB1"), make.invoice(customer, number=number))
        found = ledger.search([
            Sought(name="number", kind=Kind.INVOICE, number=number),
            Sought(name="typed", kind=Kind.INVOICE, reference=number),
        ])  # fmt: skip
        assert {name: [one.ledger_id for one in standings] for name, standings in found.items()} == {
            "number": [ledger_id], "typed": [ledger_id],
        }  # fmt: skip


def like(name: str, posting: Posting) -> Sought:
    """What may be the same as a posting, by its customer, total and day alone."""
    record = posting.record
    assert not isinstance(record, Customer)
    return Sought(name=name, kind=record.kind, customer=posting.customer, total=total(posting),
                  first=record.date - DAYS, last=record.date + DAYS)  # fmt: skip


def total(posting: Posting) -> Decimal:
    """What a posting comes to: of an entry, its debits."""
    record = posting.record
    assert not isinstance(record, Customer)
    if isinstance(record, JournalEntry):
        return sum((line.debit for line in record.lines), Decimal(0))
    return record.amount if isinstance(record, Payment) else record.total


def keyed_in(hands: Hands, kind: Kind, customer: str, number: str) -> str:
    """What a person books by hand, of 80.00; its id."""
    add = {Kind.INVOICE: hands.add_invoice, Kind.PAYMENT: hands.add_payment, Kind.CREDIT_NOTE: hands.add_credit}[kind]
    return add(customer, Decimal("80.00"), number)
