"""Approval binds: only an approver lets a record leave, and what was approved is what leaves."""

from __future__ import annotations

import pytest

from addin.rights import Rights
from addin.usecases.approve import approve
from addin.usecases.check import check
from addin.usecases.rights import rights
from addin.usecases.undo import Chosen, undo_transfer
from connectors.problems import CannotRun
from connectors.records import Kind, Side
from docs.day import know_a_customer
from tests.addin.conftest import ACCOUNTS, INVOICES, PAYMENTS, Association, add_invoice, works_as
from workbook.layout import ACCOUNT_MAP, DEFAULTS, LINES

PEOPLE = {"administrators": ("ada",), "approvers": ("alice", "carol"), "preparers": ("bob",)}
I1 = Chosen(kind=Kind.INVOICE, numbers=("F-1",))


def codes(report: object) -> set[str]:
    return {problem.code for problem in report.problems}  # type: ignore[attr-defined]


@pytest.fixture
def reviewed(association: Association, monkeypatch: pytest.MonkeyPatch) -> Association:
    """Invoices and accounts of what is pulled next need an approval by Alice or Carol; Bob works."""
    association.init()
    works_as(monkeypatch, "ada")
    association.run(lambda s: rights(s, {**PEOPLE, "review": (Kind.INVOICE,)}))
    works_as(monkeypatch, "bob")
    association.pull()
    return association


def allowed(association: Association, monkeypatch: pytest.MonkeyPatch, who: str = "alice") -> None:
    """Somebody approves the invoice; Bob goes on."""
    works_as(monkeypatch, who)
    assert association.run(approves).counts["approved"] == {Kind.INVOICE: 1}
    works_as(monkeypatch, "bob")


def raise_amount(association: Association) -> None:
    """The source changes the invoice from 114.98 to 1,034.78, its taxes with it."""
    association.files["documents"][0] |= {"subtotal": "900.00", "tax": "134.78", "total": "1034.78"}
    association.files["lines"][0] |= {"unit_price": "900.00", "amount": "900.00", "tax_amount": "134.78"}
    for tax, amount in zip(association.files["document_taxes"], ("45.00", "89.78"), strict=True):
        tax |= {"base": "900.00", "amount": amount}


def approves(session: object) -> object:
    return approve(session, I1)  # type: ignore[arg-type]


approves.__name__ = "approve"


def test_what_is_reviewed_arrives_in_review_and_other_kinds_do_not(reviewed: Association) -> None:
    assert reviewed.row(INVOICES, "I1")["status"] == "In Review"
    assert reviewed.row(PAYMENTS, "P1")["status"] == "To Be Transferred"
    assert Kind.INVOICE not in reviewed.sync().counts["posted"]


def test_what_was_approved_leaves_and_the_row_says_who_approved_it(
    reviewed: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed(reviewed, monkeypatch)
    assert reviewed.row(INVOICES, "I1")["status"] == "To Be Transferred"
    assert reviewed.sync().counts["posted"][Kind.INVOICE] == 1
    assert reviewed.row(INVOICES, "I1")["reviewed_by"] == "alice"


@pytest.mark.parametrize("who", ["bob", "eve", "alice"])
@pytest.mark.parametrize("status", ["To Be Transferred", "À transférer"])
def test_a_typed_status_approves_nothing_whoever_runs_the_command(
    reviewed: Association, monkeypatch: pytest.MonkeyPatch, who: str, status: str
) -> None:
    """Not an approver's either: a cell does not say who typed it, and Alice may only have pressed Check."""
    works_as(monkeypatch, who if who != "eve" else "bob")
    reviewed.type(INVOICES, "I1", status=status)
    report = reviewed.sync()
    assert "status_refused" in codes(report)
    assert Kind.INVOICE not in report.counts["posted"]
    assert reviewed.row(INVOICES, "I1")["status"] == "In Review"
    assert "Approve" in reviewed.row(INVOICES, "I1")["reason"]


@pytest.mark.parametrize("typed", [{"status": "Stand By"}, {"status": "Do Not Sync"}, {"reference": "HAND-7"}])
def test_a_preparer_takes_nothing_out_of_review(reviewed: Association, typed: dict[str, str]) -> None:
    reviewed.type(INVOICES, "I1", **typed)
    assert "status_refused" in codes(reviewed.run(check))
    assert reviewed.row(INVOICES, "I1")["status"] == "In Review"


def test_a_preparer_may_not_approve(reviewed: Association) -> None:
    with pytest.raises(CannotRun, match="role_lacking"):
        reviewed.run(approves)
    assert reviewed.row(INVOICES, "I1")["status"] == "In Review"


def test_approved_at_115_nothing_of_1035_leaves(reviewed: Association, monkeypatch: pytest.MonkeyPatch) -> None:
    """The source changed the document between the approval and the Sync."""
    allowed(reviewed, monkeypatch)
    raise_amount(reviewed)
    reviewed.pull()
    report = reviewed.sync()
    assert "approval_outdated" in codes(report)
    assert Kind.INVOICE not in report.counts["posted"]
    row = reviewed.row(INVOICES, "I1")
    assert row["status"] == "In Review"
    assert "alice approved it" in row["reason"]
    assert "Total 114.98 → 1034.78" in row["reason"]
    assert "approval_outdated" in codes(reviewed.run(check)), "it says so until somebody approves it anew"
    allowed(reviewed, monkeypatch)
    assert reviewed.sync().counts["posted"][Kind.INVOICE] == 1


@pytest.mark.parametrize("change", ["date", "customer", "name", "line", "mapping", "code", "link"])
def test_whatever_is_booked_was_approved(reviewed: Association, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    allowed(reviewed, monkeypatch)
    if change == "date":
        reviewed.files["documents"][0]["date"] = "2025-01-16"
    elif change == "customer":
        reviewed.add("accounts", key="A2", number="1002", name="Somebody else")
        reviewed.files["documents"][0]["account"] = "A2"
        reviewed.files["payments"][0]["account"] = "A2"
    elif change == "name":
        reviewed.files["accounts"][0]["name"] = "Somebody else"
    elif change == "line":
        reviewed.files["lines"][0]["description"] = "Something else"
    reviewed.pull()
    if change == "mapping":
        reviewed.type(ACCOUNT_MAP, "4100", ledger_code="2310")
    elif change == "code":
        row = next(row.values["key"] for row in reviewed.book.read(LINES).rows)
        reviewed.type(LINES, str(row), ledger_account="2310")
    elif change == "link":
        know_a_customer(reviewed.folder / "book.beancount", "Club d'échecs de l'Île")
        reviewed.type(ACCOUNTS, "A1", reference="C500")
    report = reviewed.sync()
    assert "approval_outdated" in codes(report)
    assert Kind.INVOICE not in report.counts["posted"]
    assert reviewed.row(INVOICES, "I1")["status"] == "In Review"


def test_what_changes_nothing_of_the_booking_leaves_as_approved(
    reviewed: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A payment that came in, and numbers written in another way."""
    allowed(reviewed, monkeypatch)
    reviewed.files["documents"][0] |= {"balance": "50.00"}
    reviewed.files["lines"][0] |= {"quantity": "1.00", "unit_price": "100"}
    reviewed.pull()
    assert reviewed.sync().counts["posted"][Kind.INVOICE] == 1


def test_what_was_approved_and_undone_needs_an_approval_anew(
    reviewed: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed(reviewed, monkeypatch)
    reviewed.type(PAYMENTS, "P1", status="Stand By")
    assert reviewed.sync().counts["posted"][Kind.INVOICE] == 1
    works_as(monkeypatch, "alice")
    undoes = lambda s: undo_transfer(s, I1)  # noqa: E731 - named like its command
    undoes.__name__ = "undo_transfer"
    assert reviewed.run(undoes).counts["undone"] == {Kind.INVOICE: 1}
    works_as(monkeypatch, "bob")
    reviewed.type(INVOICES, "I1", status="To Be Transferred")
    report = reviewed.sync()
    assert Kind.INVOICE not in report.counts["posted"]
    assert "approval_outdated" in codes(report)
    assert "undone" in reviewed.row(INVOICES, "I1")["reason"]
    allowed(reviewed, monkeypatch)
    assert reviewed.sync().counts["posted"][Kind.INVOICE] == 1


@pytest.mark.parametrize("aside", ["Stand By", "Do Not Sync", "In Review"])
def test_what_is_marked_aside_after_its_approval_needs_another(
    reviewed: Association, monkeypatch: pytest.MonkeyPatch, aside: str
) -> None:
    allowed(reviewed, monkeypatch)
    reviewed.type(INVOICES, "I1", status=aside)
    reviewed.run(check)
    reviewed.type(INVOICES, "I1", status="To Be Transferred")
    assert Kind.INVOICE not in reviewed.sync().counts["posted"]
    assert reviewed.row(INVOICES, "I1")["status"] == "In Review"


def test_an_older_copy_of_the_workbook_approves_nothing(
    reviewed: Association, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    """The copy shows To Be Transferred, from when the record was approved at another amount."""
    allowed(reviewed, monkeypatch)
    copy = reviewed.folder / "copy.xlsm"
    copy.write_bytes(reviewed.profile.workbook.read_bytes())
    raise_amount(reviewed)
    reviewed.pull()
    reviewed.profile.workbook.write_bytes(copy.read_bytes())
    report = reviewed.sync()
    assert Kind.INVOICE not in report.counts["posted"]


def test_a_refusal_by_the_ledger_leaves_the_approval_as_it_is(
    reviewed: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed(reviewed, monkeypatch)
    profile = reviewed.profile
    closed = profile.model_copy(update={"ledger_settings": {**profile.ledger_settings, "closing_date": "2025-01-31"}})
    closed.save()
    assert "period_closed" in codes(reviewed.sync())
    profile.save()
    reviewed.type(INVOICES, "I1", status="To Be Transferred")
    assert reviewed.sync().counts["posted"][Kind.INVOICE] == 1


def test_switching_reviewing_on_asks_of_what_waits_already(
    association: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    association.init()
    association.pull()
    works_as(monkeypatch, "ada")
    association.run(lambda s: rights(s, {**PEOPLE, "review": (Kind.INVOICE,)}))
    works_as(monkeypatch, "bob")
    report = association.sync()
    assert "approval_missing" in codes(report)
    assert Kind.INVOICE not in report.counts["posted"]
    assert association.row(INVOICES, "I1")["status"] == "In Review"


def test_a_changed_account_is_approved_too(association: Association, monkeypatch: pytest.MonkeyPatch) -> None:
    association.init()
    association.pull()
    association.sync()
    works_as(monkeypatch, "ada")
    association.run(lambda s: rights(s, {**PEOPLE, "review": (Kind.CUSTOMER,)}))
    works_as(monkeypatch, "bob")
    association.files["accounts"][0]["phone"] = "514 555-0101"
    association.pull()
    assert association.row(ACCOUNTS, "A1")["status"] == "In Review"
    association.type(ACCOUNTS, "A1", status="To Be Transferred")
    assert Kind.CUSTOMER not in association.sync().counts["posted"]
    works_as(monkeypatch, "alice")
    does = lambda s: approve(s, Chosen(kind=Kind.CUSTOMER, numbers=("1001",)))  # noqa: E731
    does.__name__ = "approve"
    association.run(does)
    works_as(monkeypatch, "bob")
    assert association.sync().counts["posted"][Kind.CUSTOMER] == 1


def two_people(association: Association, monkeypatch: pytest.MonkeyPatch) -> None:
    works_as(monkeypatch, "ada")
    association.run(lambda s: rights(s, {"two_people": True}))


@pytest.mark.parametrize("act", ["status", "code", "mapping", "link", "new_account", "default"])
def test_who_changed_or_marked_a_record_last_does_not_approve_it(
    reviewed: Association, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    two_people(reviewed, monkeypatch)
    works_as(monkeypatch, "alice")
    if act == "status":
        reviewed.type(INVOICES, "I1", status="Stand By")
        reviewed.run(check)
        reviewed.type(INVOICES, "I1", status="In Review")
    elif act == "code":
        row = next(row.values["key"] for row in reviewed.book.read(LINES).rows)
        reviewed.type(LINES, str(row), ledger_account="2310")
    elif act == "mapping":
        reviewed.type(ACCOUNT_MAP, "4100", ledger_code="2310")
    elif act == "default":
        reviewed.type(ACCOUNT_MAP, "4100", ledger_code=None)
        reviewed.type(ACCOUNT_MAP, DEFAULTS[Side.SALES].en, ledger_code="4100")
    elif act == "link":
        reviewed.type(ACCOUNTS, "A1", reference="C500")
    else:
        reviewed.type(ACCOUNTS, "A1", new_account="No")
    reviewed.run(check)
    report = reviewed.run(approves)
    assert report.counts["approved"] == {}
    assert "approval_own" in codes(report)
    assert reviewed.row(INVOICES, "I1")["status"] == "In Review"
    allowed(reviewed, monkeypatch, "carol")


def test_what_the_source_changed_was_changed_by_nobody(reviewed: Association, monkeypatch: pytest.MonkeyPatch) -> None:
    two_people(reviewed, monkeypatch)
    allowed(reviewed, monkeypatch)
    works_as(monkeypatch, "alice")
    reviewed.files["documents"][0]["date"] = "2025-01-16"
    reviewed.pull()
    reviewed.run(check)
    allowed(reviewed, monkeypatch)
    assert reviewed.sync().counts["posted"][Kind.INVOICE] == 1


def test_reviewing_is_by_kind(reviewed: Association) -> None:
    reviewed.type(PAYMENTS, "P1", status="In Review")
    assert "status_refused" in codes(reviewed.run(check))
    assert reviewed.row(PAYMENTS, "P1")["status"] == "To Be Transferred"


@pytest.mark.parametrize("status", ["Stand By", "Do Not Sync"])
def test_a_preparer_sets_the_statuses_of_what_nobody_reviews_and_of_what_was_approved(
    reviewed: Association, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    """Approvers decide what leaves: nobody needs them to hold something back, or to let go what they never see."""
    allowed(reviewed, monkeypatch)
    reviewed.type(INVOICES, "I1", status=status)
    reviewed.type(PAYMENTS, "P1", status=status)
    assert "status_refused" not in codes(reviewed.run(check))
    assert reviewed.row(INVOICES, "I1")["status"] == status
    assert reviewed.row(PAYMENTS, "P1")["status"] == status
    reviewed.type(PAYMENTS, "P1", status="To Be Transferred")
    assert "status_refused" not in codes(reviewed.run(check))
    assert reviewed.row(PAYMENTS, "P1")["status"] == "To Be Transferred"


def test_several_are_approved_each_as_it_is(reviewed: Association, monkeypatch: pytest.MonkeyPatch) -> None:
    add_invoice(reviewed, "I2", "F-2")
    add_invoice(reviewed, "I3", "F-3")
    reviewed.pull()
    works_as(monkeypatch, "alice")
    does = lambda s: approve(s, Chosen(kind=Kind.INVOICE, numbers=("F-1", "F-3")))  # noqa: E731
    does.__name__ = "approve"
    assert reviewed.run(does).counts["approved"] == {Kind.INVOICE: 2}
    works_as(monkeypatch, "bob")
    assert reviewed.sync().counts["posted"][Kind.INVOICE] == 2
    assert reviewed.row(INVOICES, "I2")["status"] == "In Review"


def test_rights_are_the_same_text_however_they_are_made() -> None:
    assert Rights(approvers=(" anne ", "anne", "")).as_text() == Rights(approvers=("anne",)).as_text()
