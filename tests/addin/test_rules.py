"""The rules of the vendors' own texts, each on a real workbook, a real source and a real book."""

from __future__ import annotations

from datetime import date

import pytest

from addin.texts import what
from addin.usecases.check import check
from addin.usecases.mark import Choice, mark
from addin.usecases.preview import preview
from connectors.problems import CannotRun
from connectors.records import Kind, SyncStatus
from tests.addin.conftest import ACCOUNTS, INVOICES, PAYMENTS, Association, add_invoice
from workbook.layout import ACCOUNT_MAP, ENTRIES


def codes(report: object) -> list[str]:
    return sorted(problem.code for problem in report.problems)  # type: ignore[attr-defined]


def test_a_pull_then_a_sync_posts_everything_once_and_answers_in_the_rows(association: Association) -> None:
    association.init()
    assert codes(association.pull()) == []
    report = association.sync()
    assert codes(report) == []
    assert report.exit == 0
    assert report.counts["posted"] == {Kind.CUSTOMER: 1, Kind.INVOICE: 1, Kind.PAYMENT: 1}
    row = association.row(INVOICES, "I1")
    assert (row["status"], row["reference"], row["reason"]) == ("Transfer Completed", "F-1", "")
    assert association.row(ACCOUNTS, "A1")["reference"] != ""
    assert association.row(PAYMENTS, "P1")["status"] == "Transfer Completed"


def test_an_account_is_created_only_when_it_has_an_invoice_to_transfer_and_is_flagged_as_new(
    association: Association,
) -> None:
    """Membri 365, "Create new customer accounts": two conditions."""
    association.add("accounts", key="A2", number="1002", name="Sans facture")
    association.add("accounts", key="A3", number="1003", name="Pas signalé")
    add_invoice(association, "I3", "F-2", customer="A3")
    association.init()
    association.pull()
    association.type(ACCOUNTS, "A3", new_account="No")
    report = association.sync()
    assert codes(report) == ["account_not_linked", "account_not_transferred"]
    assert association.row(ACCOUNTS, "A1")["status"] == "Transfer Completed"
    assert association.row(ACCOUNTS, "A2")["status"] == "To Be Transferred"
    assert association.row(ACCOUNTS, "A3")["status"] == "To Be Transferred"
    assert "Sans facture" not in association.ledger_text()
    assert "Pas signalé" not in association.ledger_text()
    assert association.row(INVOICES, "I3")["status"] == "To Be Transferred"
    assert "new account" in association.row(ACCOUNTS, "A3")["reason"]


def test_new_account_for_sync_starts_as_no_unless_the_setting_says_otherwise(association: Association) -> None:
    """Membri 365: "The default behaviour is to indicate No in the New account to sync field"."""
    association.settings = {}
    association.init()
    association.pull()
    assert association.row(ACCOUNTS, "A1")["new_account"] == "No"


def test_an_account_whose_name_is_taken_never_starts_as_new(association: Association) -> None:
    """Membri 365, tip: check whether an account has an identical name before it is created."""
    association.add("accounts", key="A2", number="1002", name="CLUB D'ÉCHECS DE L'ÎLE")
    association.init()
    association.pull()
    assert association.row(ACCOUNTS, "A1")["new_account"] == "No"
    assert association.row(ACCOUNTS, "A2")["new_account"] == "No"


def test_a_changed_account_goes_again(association: Association) -> None:
    """Membri 365, "Update customer accounts"."""
    association.init()
    association.pull()
    association.sync()
    association.files["accounts"][0]["email"] = "nouveau@example.org"
    association.pull()
    row = association.row(ACCOUNTS, "A1")
    assert row["status"] == "To Be Transferred"
    assert "nouveau@example.org" in row["changed"]
    report = association.sync()
    assert report.counts["posted"] == {Kind.CUSTOMER: 1}
    assert association.row(ACCOUNTS, "A1")["status"] == "Transfer Completed"
    assert "nouveau@example.org" in association.ledger_text()
    assert association.sync().counts["posted"] == {}


@pytest.mark.parametrize(
    ("setting", "origin", "waits"),
    [
        ("dues_when_paid", "membership", True),
        ("dues_when_paid", "renewal", True),
        ("dues_when_paid", "event", False),
        ("all_when_paid", "event", True),
    ],
)
def test_invoices_may_wait_until_they_are_paid(
    association: Association, setting: str, origin: str, waits: bool
) -> None:
    """Membri 365: "Synchronize subscriptions and renewals when paid", "Synchronize all invoices only when paid"."""
    association.settings[setting] = "yes"
    add_invoice(association, "I2", "F-2", origin=origin, balance="114.98")
    association.init()
    association.pull()
    report = association.sync()
    assert (report.counts["held"] == {Kind.INVOICE: 1}) is waits
    assert (association.row(INVOICES, "I2")["status"] == "To Be Transferred") is waits
    assert association.row(INVOICES, "I1")["status"] == "Transfer Completed"
    association.files["documents"][1]["balance"] = "0.00"
    association.add("payments", key="P2", number="R-2", date="2025-02-01", account="A1", currency="CAD",
                    amount="114.98", method="cheque")  # fmt: skip
    association.add("allocations", payment="P2", invoice="I2", amount="114.98")
    association.pull()
    association.sync()
    assert association.row(INVOICES, "I2")["status"] == "Transfer Completed"


def test_a_payment_waits_for_its_invoice(association: Association) -> None:
    """Membri 365, "Synchronization of payments"."""
    association.init()
    association.pull()
    association.type(INVOICES, "I1", status="Stand By")
    report = association.sync()
    assert codes(report) == ["invoice_not_transferred"]
    assert association.row(ACCOUNTS, "A1")["status"] == "To Be Transferred"
    assert association.row(PAYMENTS, "P1")["status"] == "To Be Transferred"
    assert "F-1" in association.row(PAYMENTS, "P1")["reason"]
    association.type(INVOICES, "I1", status="To Be Transferred")
    assert association.sync().counts["posted"] == {
        Kind.CUSTOMER: 1,
        Kind.INVOICE: 1,
        Kind.PAYMENT: 1,
    }
    assert association.row(PAYMENTS, "P1")["reason"] == ""


@pytest.fixture
def keyed_in(association: Association) -> Association:
    """The association, pulled and linked; its invoice was keyed in by hand under another number."""
    association.init()
    association.opened("H1", "Club d'échecs de l'Île")
    association.keyed_in("HAND-7", "114.98", "H1")
    association.pull()
    association.type(ACCOUNTS, "A1", reference="H1")
    return association


def test_a_record_with_a_reference_typed_by_hand_counts_as_transferred(keyed_in: Association) -> None:
    """Membri 365, "Manually transfer a customer account, an invoice or a payment"."""
    keyed_in.type(INVOICES, "I1", reference="HAND-7")
    keyed_in.type(PAYMENTS, "P1", status="Do Not Sync")
    report = keyed_in.sync()
    assert report.counts["posted"] == {}
    row = keyed_in.row(INVOICES, "I1")
    assert (row["status"], row["reference"]) == ("Transfer Completed", "HAND-7")
    assert "F-1" not in keyed_in.ledger_text()


def test_clearing_a_reference_takes_the_link_away_and_the_record_stands_by(keyed_in: Association) -> None:
    """trust.md, section 2: "cleared → the link is taken away and the row says so"; nothing of it leaves by that."""
    keyed_in.type(INVOICES, "I1", reference="HAND-7")
    keyed_in.run(check)
    keyed_in.type(INVOICES, "I1", reference=None, status=None)
    for _ in range(2):
        assert Kind.INVOICE not in keyed_in.sync().counts["posted"]
        row = keyed_in.row(INVOICES, "I1")
        assert (row["status"], row["reference"]) == ("Stand By", "")
        assert "HAND-7 was taken away" in row["reason"]


def test_a_reference_typed_by_mistake_can_be_taken_back(association: Association) -> None:
    association.init()
    association.pull()
    association.type(INVOICES, "I1", reference="WRONG")
    association.run(check)
    association.type(INVOICES, "I1", reference=None, status="To Be Transferred")
    assert association.sync().counts["posted"][Kind.INVOICE] == 1


def test_in_review_only_when_it_is_switched_on(association: Association) -> None:
    """Membri 365: "It is possible to activate the function in the settings"."""
    association.init()
    association.pull()
    association.type(INVOICES, "I1", status="In Review")
    assert "status_refused" in codes(association.run(check))
    row = association.row(INVOICES, "I1")
    assert row["status"] == "To Be Transferred"
    assert "switched off" in row["reason"]


def test_no_data_leaves_before_sync_is_pressed(association: Association) -> None:
    """Membri 365: "No data is transferred to the accounting system without the tool being launched"."""
    association.init()
    before = association.ledger_text()
    association.pull()
    association.run(check)
    association.run(preview)
    association.run(lambda s: mark(s, Choice(kind=Kind.INVOICE), SyncStatus.TO_TRANSFER))
    assert association.ledger_text() == before


def test_errors_come_back_with_reason_and_fix_and_leave_once_they_are_mended(association: Association) -> None:
    """Membri 365: "Changes will be required before trying again to transfer the record"."""
    association.settings["ledger.closing_date"] = "2025-01-31"
    association.init()
    association.pull()
    report = association.sync()
    assert codes(report) == ["invoice_not_transferred", "period_closed"]
    row = association.row(INVOICES, "I1")
    assert row["status"] == "Transfer Error"
    assert "closed" in row["reason"]
    assert row["fix"]
    assert association.sync().counts["posted"] == {}
    association.files["documents"][0]["date"] = "2025-02-01"
    association.pull()
    assert association.row(INVOICES, "I1")["status"] == "To Be Transferred"
    report = association.sync()
    assert report.counts["posted"] == {Kind.CUSTOMER: 1, Kind.INVOICE: 1, Kind.PAYMENT: 1}
    assert association.row(INVOICES, "I1")["reason"] == ""


@pytest.mark.parametrize("typed", ["Transfert complété", " transfer completed ", "completed"])
def test_completed_without_a_reference_waits_and_says_so(association: Association, typed: str) -> None:
    """A person who says that it is done does not ask for it to be sent."""
    association.init()
    association.pull()
    association.type(INVOICES, "I1", status=typed)
    report = association.sync()
    assert "completed_without_reference" in codes(report)
    assert Kind.INVOICE not in report.counts["posted"]
    row = association.row(INVOICES, "I1")
    assert row["status"] == "Stand By"
    assert "no sync reference" in row["reason"]
    assert "Stand By now" in row["fix"]
    assert association.sync().counts["posted"] == {}
    association.type(INVOICES, "I1", status="To Be Transferred")
    assert association.sync().counts["posted"][Kind.INVOICE] == 1


def test_what_is_transferred_cannot_be_marked_to_leave_again(association: Association) -> None:
    association.init()
    association.pull()
    association.sync()
    association.type(INVOICES, "I1", status="To Be Transferred", reference=None)
    report = association.sync()
    assert report.counts["posted"] == {}
    assert "status_refused" in codes(report)
    assert association.row(INVOICES, "I1")["status"] == "Transfer Completed"
    assert association.row(INVOICES, "I1")["reference"] == "F-1"


@pytest.mark.parametrize("written", ["no", "draft", "brouillon", "Non envoyée"])
def test_an_invoice_must_be_marked_as_sent_unless_the_setting_lets_it_go(
    association: Association, written: str
) -> None:
    """AutoVu, check 1: "Cannot sync until marked as sent"."""
    association.files["documents"][0]["sent"] = written
    association.init()
    association.pull()
    assert "not_sent" in codes(association.sync())
    association.files["documents"][0]["sent"] = "yes"
    association.pull()
    assert association.sync().counts["posted"][Kind.INVOICE] == 1


@pytest.mark.parametrize("kind", ["credit_note", "supplier_invoice", "sales_receipt", "refund"])
def test_a_draft_of_any_other_document_waits_too(association: Association, kind: str) -> None:
    """A draft of a credit note was booked, for only invoices were asked."""
    association.files["documents"][0].update(kind=kind, sent="draft")
    association.files["payments"].clear()
    association.files["allocations"].clear()
    association.init()
    association.pull()
    report = association.sync()
    assert "not_sent" in codes(report)
    assert "F-1" not in association.ledger_text()


def test_an_invoice_that_was_not_sent_leaves_where_the_setting_lets_it(association: Association) -> None:
    association.settings["require_sent"] = "no"
    association.files["documents"][0]["sent"] = "no"
    association.init()
    association.pull()
    assert association.sync().counts["posted"][Kind.INVOICE] == 1


def test_unmapped_stops_until_the_accountant_maps_it(association: Association) -> None:
    """MMS, "Mapping of Transactions": an unmapped transaction stops until the mapping is corrected."""
    association.files["lines"][0]["gl_account"] = "9999"
    association.add("gl_accounts", code="9999", name="Divers")
    association.init()
    association.pull()
    assert "gl_account_not_mapped" in codes(association.sync())
    assert association.row(INVOICES, "I1")["status"] == "Transfer Error"
    association.type(ACCOUNT_MAP, "9999", ledger_code="4100")
    association.type(INVOICES, "I1", status="To Be Transferred")
    assert association.sync().counts["posted"][Kind.INVOICE] == 1


def test_a_default_row_of_a_mapping_is_for_the_unmapped(association: Association) -> None:
    association.files["lines"][0]["gl_account"] = "9999"
    association.init()
    association.pull()
    association.type(ACCOUNT_MAP, "(default, sales)", ledger_code="4100")
    assert association.sync().counts["posted"][Kind.INVOICE] == 1


def test_deferred_dues_move_by_dated_entries_once_paid_and_each_at_its_date(association: Association) -> None:
    """Membri 365, step 6: "At the time of a dues payment … Each entry has a different date"."""
    association.files["lines"][0]["gl_account"] = "2400"
    association.add("gl_accounts", code="2400", name="Cotisations reportées")
    association.add(
        "schedules", key="S1", invoice="I1", line="1", start="2025-01-01", months="12", amount="100.00",
        deferred_account="2400", revenue_account="4100",
    )  # fmt: skip
    money = {name: association.files.pop(name) for name in ("payments", "allocations")}
    association.init()
    association.pull()
    assert association.book.read(ENTRIES).rows == ()
    association.files |= money
    association.pull()
    assert len(association.book.read(ENTRIES).rows) == 24
    from addin.usecases.sync import sync

    first = association.run(sync, today=date(2025, 3, 15))
    assert first.counts["posted"][Kind.JOURNAL_ENTRY] == 3
    assert first.counts["held"][Kind.JOURNAL_ENTRY] == 9
    later = association.run(sync, today=date(2026, 1, 31))
    assert later.counts["posted"] == {Kind.JOURNAL_ENTRY: 9}


def test_what_was_typed_survives_a_pull_and_a_changed_record_says_so(association: Association) -> None:
    association.init()
    association.pull()
    association.type(INVOICES, "I1", status="Stand By")
    association.files["documents"][0]["date"] = "2025-01-20"
    association.pull()
    row = association.row(INVOICES, "I1")
    assert row["status"] == "Stand By"
    assert row["date"] == "2025-01-20"
    assert "2025-01-15 → 2025-01-20" in row["changed"]


def test_what_the_source_changed_after_the_transfer_is_told_and_not_sent_again(association: Association) -> None:
    association.init()
    association.pull()
    association.sync()
    association.files["documents"][0]["date"] = "2025-01-20"
    association.pull()
    report = association.sync()
    assert codes(report) == ["changed_with_applied"]
    assert report.counts["posted"] == {}
    assert "(Date 2025-01-15 → 2025-01-20)" in association.row(INVOICES, "I1")["reason"]


def test_a_record_that_left_the_source_is_marked_and_not_removed(association: Association) -> None:
    add_invoice(association, "I2", "F-2")
    association.init()
    association.pull()
    for name, column in (("documents", "key"), ("lines", "document"), ("document_taxes", "document")):
        association.files[name] = [row for row in association.files[name] if row[column] != "I2"]
    association.pull()
    assert "No longer in the source" in association.row(INVOICES, "I2")["changed"]


def test_marking_before_a_date_leaves_the_rest_alone(association: Association) -> None:
    """MMS, "Starting in Sync": mark transactions before the in-sync point as no-go."""
    add_invoice(association, "I2", "F-2", on="2024-06-30")
    association.init()
    association.pull()
    choice = Choice(kind=Kind.INVOICE, before=date(2025, 1, 1))
    report = association.run(lambda s: mark(s, choice, SyncStatus.DO_NOT_SYNC))
    assert report.counts["marked"] == {Kind.INVOICE: 1}
    assert association.row(INVOICES, "I2")["status"] == "Do Not Sync"
    assert association.row(INVOICES, "I1")["status"] == "To Be Transferred"


def test_marking_by_a_column_that_no_sheet_has_says_which_there_are_and_marks_nothing(association: Association) -> None:
    association.init()
    association.pull()
    choice = Choice(kind=Kind.INVOICE, where={"colour": "red"})
    with pytest.raises(CannotRun, match="usage") as stopped:
        association.run(lambda s: mark(s, choice, SyncStatus.DO_NOT_SYNC))
    assert what("fr", stopped.value.problems[0]).startswith("colour ∉ kind, number, date, account, total,")
    assert association.row(INVOICES, "I1")["status"] == "To Be Transferred"
