"""The part of the suite about what happened in a ledger: what a person did there is told, and what is ours is known."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.changes import differences
from connectors.conformance.applying import only_where
from connectors.conformance.harness import Hands, Harness
from connectors.conformance.making import Making, booked
from connectors.ledger import Change, Ledger
from connectors.records import DOCUMENT_KINDS, PAYMENT_KINDS, Customer, Document, Kind, What

LONG_AGO = timedelta(hours=1)


class TellsChanges:
    """Statements for ledgers that declare ``tells_changes``: their class takes them beside ``LedgerConformance``."""

    @pytest.fixture
    def hands(self, harness: Harness) -> Hands:
        """What a person does in the ledger's own application."""
        return harness.hands()

    @pytest.mark.parametrize("kind", sorted(Kind))
    def test_what_we_posted_is_told_under_our_key_as_we_sent_it(
        self, ledger: Ledger, hands: Hands, make: Making, customer: str, supplier: str, kind: Kind
    ) -> None:
        only_where(kind in ledger.capabilities.kinds)
        fields: dict[str, Any] = {}
        if kind in DOCUMENT_KINDS:
            fields = {"tax": "14.98", "memo": "Note de\nla cliente", "email": "tresor@ordre.ca"}
        if kind in PAYMENT_KINDS:
            fields = {"memo": "Note de\nla cliente", "confirmation": "0042-77"}
        posting = make.of_kind(kind, customer, supplier, **fields)
        [ledger_id] = booked(ledger, posting)
        change = _told(ledger)(ledger_id)
        assert (change.what, change.key) == (What.CREATED, posting.key)
        assert change.record is not None
        assert change.told
        assert list(differences(posting, change)) == []

    def test_every_field_of_a_customer_that_it_tells_comes_back_as_it_was_sent(
        self, ledger: Ledger, hands: Hands, make: Making
    ) -> None:
        posting = make.customer(
            "Coopérative L'Œuvre", email="a@example.org", phone="418 555-0100", mobile="418 555-0101",
            website="https://example.org", notes="Une ligne\nDeux lignes", first_name="Ève", last_name="O'Neil",
        )  # fmt: skip
        [reference] = booked(ledger, posting)
        change = _told(ledger)(reference)
        assert {"name", "email", "phone"} <= change.told
        assert list(differences(posting, change)) == []

    def test_a_customer_made_by_hand_is_told(self, ledger: Ledger, hands: Hands) -> None:
        reference = hands.add_customer("Membre saisie à la main", "main@example.org")
        change = _told(ledger)(reference)
        assert (change.what, change.kind, change.key) == (What.CREATED, Kind.CUSTOMER, "")
        assert change.name == "Membre saisie à la main"
        assert isinstance(change.record, Customer)
        assert change.record.email == "main@example.org"

    def test_a_customer_changed_by_hand_differs_in_that_field_alone(
        self, ledger: Ledger, hands: Hands, make: Making
    ) -> None:
        posting = make.customer("Association changée", email="avant@example.org")
        [reference] = booked(ledger, posting)
        hands.change_email(reference, "apres@example.org")
        [found] = differences(posting, _told(ledger)(reference))
        assert (found.field, found.ours, found.theirs) == ("email", "avant@example.org", "apres@example.org")

    def test_an_invoice_made_by_hand_is_told_with_its_customer_and_total(
        self, ledger: Ledger, hands: Hands, customer: str
    ) -> None:
        ledger_id = hands.add_invoice(customer, Decimal("80.00"))
        change = _told(ledger)(ledger_id)
        assert (change.what, change.kind, change.key) == (What.CREATED, Kind.INVOICE, "")
        assert isinstance(change.record, Document)
        assert (change.record.customer, change.record.total) == (customer, Decimal("80.00"))
        assert [line.amount for line in change.record.lines] == [Decimal("80.00")]

    def test_an_invoice_taken_out_by_hand_is_told_as_gone(
        self, ledger: Ledger, hands: Hands, make: Making, customer: str
    ) -> None:
        [ledger_id] = booked(ledger, make.invoice(customer))
        hands.take_out_invoice(ledger_id)
        change = _told(ledger)(ledger_id)
        assert change.what in (What.DELETED, What.VOIDED)
        assert change.record is None

    def test_a_customer_merged_by_hand_is_told_as_gone(self, ledger: Ledger, hands: Hands, make: Making) -> None:
        gone, into = booked(ledger, make.customer("Inscrite deux fois"), make.customer("Inscrite une fois"))
        hands.merge_customers(gone, into)
        change = _told(ledger)(gone)
        assert change.what in (What.DELETED, What.MERGED)
        assert change.merged_into in ("", into)

    def test_it_goes_on_from_where_it_ended(self, ledger: Ledger, hands: Hands, make: Making) -> None:
        booked(ledger, make.customer())
        until = ledger.changes(datetime.now(UTC) - LONG_AGO).until
        assert abs(until - datetime.now(UTC)) < LONG_AGO
        reference = hands.add_customer("Arrivée après", "apres@example.org")
        assert reference in {change.ledger_id for change in ledger.changes(until).changes}
        assert ledger.changes(until + LONG_AGO).changes == ()


def _told(ledger: Ledger) -> Callable[[str], Change]:
    """What a ledger tells of the last hour, by its id; each record once."""
    told = ledger.changes(datetime.now(UTC) - LONG_AGO)
    assert told.problems == ()
    by_id = {change.ledger_id: change for change in told.changes}
    assert len(by_id) == len(told.changes)
    return by_id.__getitem__
