"""A typed reference is a claim: the ledger is asked for it before its row is Completed or anything refers to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from addin.journal import Seen, State, Transfer
from addin.journal.rows import payload_of
from addin.sync.linking import Directory
from addin.sync.statuses import offered_again
from addin.usecases.answering import confirm
from addin.usecases.check import check
from addin.usecases.preview import preview
from addin.usecases.undo import Chosen
from connectors.ledger import LedgerCustomer
from connectors.ledgers.beancount.connector import BeancountLedger
from connectors.problems import CannotRun, Problem
from connectors.records import ZERO, Invoice, Kind, SyncStatus
from tests.addin.conftest import ACCOUNTS, INVOICES, PAYMENTS, Association, add_invoice
from workbook.layout import SETTINGS_TABLE


@pytest.fixture
def linked(association: Association) -> Association:
    """The association, pulled; its account linked to a customer that a person opened, with documents by hand."""
    association.add("accounts", key="A2", number="1002", name="Société d'horticulture")
    association.init()
    association.opened("H1", "Club d'échecs de l'Île")
    association.opened("H2", "Société d'horticulture")
    association.keyed_in("HAND-1", "114.98", "H1")
    association.keyed_in("HAND-2", "114.98", "H2")
    association.keyed_in("HAND-3", "99.00", "H1")
    association.keyed_in("HAND-4", "114.98", "H1", kind="payment", on="2025-02-01")
    association.keyed_in("TWICE", "114.98", "H1", on="2024-01-01")
    association.keyed_in("TWICE", "114.98", "H1", on="2024-01-02")
    association.pull()
    association.type(ACCOUNTS, "A1", reference="H1")
    association.run(check)
    return association


WRONG = [
    ("NOPE", "reference_not_in_ledger", "nothing under “NOPE”"),
    ("HAND-2", "reference_of_other_customer", "H2 · Société d'horticulture"),
    ("HAND-3", "reference_of_other_amount", "99.00"),
    ("HAND-4", "reference_of_other_kind", "HAND-4"),
    ("TWICE", "reference_ambiguous", "2024-01-02"),
]


@pytest.mark.parametrize(("typed", "code", "says"), WRONG)
def test_a_wrong_reference_of_a_document_is_an_error_that_shows_what_is_there(linked, typed, code, says) -> None:
    linked.type(INVOICES, "I1", reference=typed, status="Transfer Completed")
    if typed == "NOPE":  # nothing is like the record either
        linked.files["documents"][0]["date"] = "2025-09-01"
        linked.pull()
    for use_case in (lambda: linked.run(check), linked.sync, linked.sync):
        report = use_case()
        assert code in {problem.code for problem in report.problems}
        assert report.exit == 1
        row = linked.row(INVOICES, "I1")
        assert (row["status"], row["reference"]) == ("Transfer Error", typed), "what was typed stays"
        assert says in row["reason"]
        assert linked.row(PAYMENTS, "P1")["status"] == "To Be Transferred", "nothing refers to it"
    assert "F-1" not in linked.ledger_text()


def test_the_right_one_is_named_where_one_is_like_the_record(linked: Association) -> None:
    """ "AccountsID (xxx) is not correct, QuickBooks requires yyy"."""
    linked.type(INVOICES, "I1", reference="NOPE")
    [problem] = [p for p in linked.run(check).problems if p.key == "I1"]
    assert (problem.code, problem.params["right"]) == (
        "reference_incorrect", "HAND-1 · 2025-01-15 · 114.98 CAD · H1 · Club d'échecs de l'Île",
    )  # fmt: skip
    assert problem.place is not None
    assert problem.place.sheet == "Invoices"


def test_the_right_reference_is_resolved_and_shown_and_the_payment_goes_to_it(linked: Association) -> None:
    linked.type(INVOICES, "I1", reference="HAND-1")
    linked.run(check)
    row = linked.row(INVOICES, "I1")
    assert (row["status"], row["reference"], row["reason"]) == ("Transfer Completed", "HAND-1", "")
    linked.type(PAYMENTS, "P1", reference="HAND-4")
    assert linked.sync().counts["posted"] == {}
    assert linked.row(PAYMENTS, "P1")["status"] == "Transfer Completed"


def test_one_reference_on_two_rows_holds_both_documents(linked: Association) -> None:
    add_invoice(linked, "I2", "F-2")
    linked.pull()
    for key in ("I1", "I2"):
        linked.type(INVOICES, key, reference="HAND-1")
    report = linked.sync()
    assert {p.key for p in report.problems if p.code == "reference_taken"} == {"I1", "I2"}
    assert all(linked.row(INVOICES, key)["status"] != "Transfer Completed" for key in ("I1", "I2"))
    linked.type(INVOICES, "I2", reference=None, status="Stand By")
    linked.sync()
    assert linked.row(INVOICES, "I1")["status"] == "Transfer Completed"
    linked.type(INVOICES, "I2", reference="HAND-1")
    assert "reference_taken" in {p.code for p in linked.sync().problems}, "it belongs to F-1 now"


def test_a_reference_of_what_we_booked_is_not_another_records(association: Association) -> None:
    add_invoice(association, "I2", "F-2")
    association.init()
    association.pull()
    association.type(INVOICES, "I2", status="Stand By")
    association.sync()
    association.type(INVOICES, "I2", reference="F-1")
    assert "reference_taken" in {p.code for p in association.sync().problems}
    assert association.row(INVOICES, "I2")["status"] == "Stand By"


def test_overtyping_what_we_booked_holds_and_is_not_silently_put_back(linked: Association) -> None:
    linked.type(INVOICES, "I1", status="Do Not Sync")
    add_invoice(linked, "I2", "F-2", on="2025-08-15")
    linked.pull()
    linked.sync()
    linked.type(INVOICES, "I2", reference="HAND-1")
    for _ in range(2):
        assert "reference_replaces_ours" in {p.code for p in linked.sync().problems}
        assert linked.row(INVOICES, "I2")["reference"] == "HAND-1"
    linked.type(INVOICES, "I2", reference=None)
    linked.sync()
    assert linked.row(INVOICES, "I2")["reference"] == "F-2"


def test_a_ledger_that_cannot_be_reached_lets_it_wait(linked: Association, monkeypatch: pytest.MonkeyPatch) -> None:
    linked.type(INVOICES, "I1", reference="HAND-1")

    def unreachable(_: object) -> None:
        raise CannotRun(Problem(code="ledger_unreachable", params={"ledger": "Beancount"}))

    with monkeypatch.context() as patch:
        patch.setattr(BeancountLedger, "connect", unreachable)
        report = linked.run(check)
        assert {"ledger_unreachable", "reference_waits"} <= {p.code for p in report.problems}
    row = linked.row(INVOICES, "I1")
    assert (row["status"], row["reference"]) == ("To Be Transferred", "HAND-1")
    assert "not been looked up" in row["reason"]
    linked.run(check)
    assert linked.row(INVOICES, "I1")["status"] == "Transfer Completed"


def test_check_asks_nothing_where_the_settings_say_so_and_sync_always_does(linked: Association) -> None:
    linked.type(SETTINGS_TABLE, "look_up_at_check", value="No")
    linked.type(INVOICES, "I1", reference="HAND-1")
    for use_case in (check, preview):
        assert "reference_waits" in {p.code for p in linked.run(use_case).problems}
    linked.sync()
    assert linked.row(INVOICES, "I1")["status"] == "Transfer Completed"


def test_what_the_source_remembers_is_looked_up_as_if_it_had_been_typed(association: Association) -> None:
    association.files["documents"][0]["sync_reference"] = "NOPE"
    association.init()
    association.opened("H1", "Club d'échecs de l'Île")
    association.pull()
    association.type(ACCOUNTS, "A1", reference="H1")
    row = association.row(INVOICES, "I1")
    assert (row["status"], row["reference"]) == ("To Be Transferred", "NOPE")
    assert "reference_not_in_ledger" in {p.code for p in association.sync().problems}


# accounts


@pytest.mark.parametrize(
    "typed", ["H1", "Club d'échecs de l'Île", "club d'échecs de l'île", "https://books.example/customer?nameId=H1"]
)
def test_an_account_is_named_by_what_people_know_of_it(association: Association, typed: str) -> None:
    """ "Show name as", the id in the address bar, the customer's number."""
    association.init()
    association.opened("H1", "Club d'échecs de l'Île")
    association.pull()
    association.type(ACCOUNTS, "A1", reference=typed)
    association.run(check)
    row = association.row(ACCOUNTS, "A1")
    assert (row["status"], row["reference"]) == ("Transfer Completed", "H1")


def test_an_address_an_id_a_number_and_a_name_each_name_one_customer_or_several() -> None:
    customers = [
        LedgerCustomer(reference="Customer:12", name="Anne Roy", number="501"),
        LedgerCustomer(reference="Customer:13", name="Anne Roy", number="502"),
        LedgerCustomer(reference="Customer:14", name="Zed", number="12"),
    ]
    named = Directory(customers).named
    assert [c.reference for c in named("https://app.example/app/customerdetail?nameId=13")] == ["Customer:13"]
    assert [c.reference for c in named("https://app.example/#/customers/13")] == ["Customer:13"]
    assert [c.reference for c in named("502")] == ["Customer:13"]
    assert {c.reference for c in named("Anne  ROY")} == {"Customer:12", "Customer:13"}
    assert {c.reference for c in named("12")} == {"Customer:12", "Customer:14"}
    assert [c.reference for c in named("Customer:12 · Anne Roy")] == ["Customer:12"]
    assert named("http://[") == named("nobody") == []


def test_an_ambiguous_name_is_refused_with_the_candidates(association: Association) -> None:
    association.init()
    association.opened("H1", "Anne Roy")
    association.opened("H2", "Anne Roy")
    association.pull()
    association.type(ACCOUNTS, "A1", reference="Anne Roy")
    assert "reference_ambiguous" in {p.code for p in association.sync().problems}
    row = association.row(ACCOUNTS, "A1")
    assert row["status"] == "Transfer Error"
    assert "H1 · Anne Roy; H2 · Anne Roy" in row["reason"]


def test_a_wrong_reference_of_an_account_names_the_right_one_before_anything_is_completed(linked) -> None:
    linked.type(ACCOUNTS, "A2", reference="X9")
    report = linked.run(check)
    [problem] = [p for p in report.problems if p.key == "A2"]
    assert (problem.code, problem.params["right"]) == ("reference_incorrect", "H2 · Société d'horticulture")
    assert linked.row(ACCOUNTS, "A2")["status"] == "Transfer Error"


def test_an_existing_customer_of_quite_another_name_is_asked_about(linked: Association) -> None:
    linked.opened("H9", "Zénith")
    linked.type(ACCOUNTS, "A2", reference="H9")
    linked.pull()
    add_invoice(linked, "I2", "F-2", "A2", on="2025-08-15")
    linked.pull()
    assert "account_name_differs" in {p.code for p in linked.sync().problems}
    assert linked.row(ACCOUNTS, "A2")["status"] != "Transfer Completed"
    assert "F-2" not in linked.ledger_text()
    linked.run(lambda session: confirm(session, Chosen(kind=Kind.CUSTOMER, numbers=["A2"])))
    assert linked.sync().counts["posted"][Kind.INVOICE] == 1
    assert linked.row(ACCOUNTS, "A2")["status"] == "Transfer Completed"


def test_a_customer_that_was_not_the_suggested_one_is_asked_about(linked: Association) -> None:
    linked.type(ACCOUNTS, "A2", suggested="H2 · Société d'horticulture", reference="H1")
    assert "account_not_suggested" in {p.code for p in linked.run(check).problems}
    assert linked.row(ACCOUNTS, "A2")["status"] != "Transfer Completed"


def test_two_accounts_of_one_customer_are_both_held_until_a_person_says_that_they_share_it(linked) -> None:
    linked.files["accounts"][1]["name"] = "Club d'échecs de l'Île (trésorier)"
    add_invoice(linked, "I2", "F-2", "A2", on="2025-08-15")
    linked.pull()
    linked.type(INVOICES, "I1", reference="HAND-1")
    linked.type(ACCOUNTS, "A2", reference="H1")
    report = linked.sync()
    assert {p.key for p in report.problems if p.code == "account_linked_twice"} == {"A1", "A2"}
    assert report.counts["posted"] == {}
    linked.run(lambda session: confirm(session, Chosen(kind=Kind.CUSTOMER, numbers=["A1", "A2"])))
    assert linked.sync().counts["posted"][Kind.INVOICE] == 1


def test_a_cleared_account_is_linked_no_more_and_nothing_of_it_leaves(linked: Association) -> None:
    linked.type(ACCOUNTS, "A1", reference=None)
    report = linked.sync()
    assert "link_taken_away" in {p.code for p in report.problems}
    row = linked.row(ACCOUNTS, "A1")
    assert (row["status"], row["reference"]) == ("Stand By", "")
    assert "H1 was taken away" in row["reason"]
    assert report.counts["posted"] == {}


def test_an_account_that_we_made_is_linked_to_another_only_once_that_is_confirmed(association: Association) -> None:
    association.init()
    association.pull()
    association.sync()
    association.opened("H1", "Club d'échecs de l'Île")
    association.type(ACCOUNTS, "A1", reference="H1")
    for _ in range(2):
        assert "account_link_moves" in {p.code for p in association.sync().problems}
        assert association.row(ACCOUNTS, "A1")["reference"] == "H1"
    association.run(lambda session: confirm(session, Chosen(kind=Kind.CUSTOMER, numbers=["A1"])))
    association.sync()
    assert association.row(ACCOUNTS, "A1")["status"] == "Transfer Completed"
    add_invoice(association, "I2", "F-2", on="2025-08-15")
    association.pull()
    association.sync()
    assert "Assets:AccountsReceivable:H1" in association.ledger_text()


def test_what_was_refused_on_an_account_is_offered_again_once_it_is_linked_to_another() -> None:
    refused = Transfer(
        kind=Kind.INVOICE, record="I1", number="F-1", generation=0, key="k", action="create", digest="d",
        state=State.REJECTED, customer="H1",
    )  # fmt: skip
    account = replace(refused, kind=Kind.CUSTOMER, record="A1", state=State.MANUAL, ledger_id="H2", key="c")
    invoice = Invoice(
        key="I1", date=date(2026, 1, 1), customer="A1", currency="CAD", lines=(), subtotal=ZERO, tax=ZERO, total=ZERO
    )
    seen = Seen(
        kind=Kind.INVOICE, key="I1", number="F-1", payload=payload_of(invoice), digest="d", status=SyncStatus.ERROR
    )
    known, transfers, statuses = {seen.id: seen}, {seen.id: (refused,)}, {seen.id: SyncStatus.ERROR}
    offered = offered_again([account], [seen.id], known, transfers, statuses)
    assert offered == {seen.id: SyncStatus.TO_TRANSFER}
    for other in (
        replace(account, ledger_id="H1"),
        replace(account, record="A2"),
        replace(account, state=State.ABSENT),
    ):
        assert offered_again([other], [seen.id], known, transfers, statuses) == {}
    waiting = {seen.id: SyncStatus.STAND_BY}
    assert offered_again([account], [seen.id], known, transfers, waiting) == {}
