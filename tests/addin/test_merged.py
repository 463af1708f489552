"""What people delete, void or merge in QuickBooks Online comes with a pull, and nothing is booked again by itself."""

import pytest

from addin.journal import State
from addin.texts import what
from addin.usecases.answering import confirm
from addin.usecases.report import Report
from addin.usecases.undo import Chosen, undo_transfer
from connectors.ledgers.quickbooks_online.notes import is_void
from connectors.records import Kind
from tests.addin.conftest import INVOICES, add_invoice
from tests.addin.test_proposals import company, decide, reference, shown  # noqa: F401 - company is a fixture
from workbook.layout import ACCOUNTS


def row(company, table, key):  # noqa: F811
    cells = company.row(table, key)
    return cells["status"], cells["reference"]


def states(company, kind, key):  # noqa: F811
    found = []

    def look(session):
        found.extend(session.journal.transfers()[kind, key])
        return Report(run=0)

    company.run(look)
    return [transfer.state for transfer in found]


def test_a_merged_account_moves_to_the_one_that_is_left_once_that_is_accepted(company):  # noqa: F811
    gone, into = reference(company, "A2"), reference(company, "A1")
    company.harness.merge_customers(gone, into)
    company.pull()
    add_invoice(company, "I4", "F-4", "A2", balance="114.98")
    company.pull()
    report = company.sync()
    assert {"merged_in_ledger", "account_not_transferred"} <= {problem.code for problem in report.problems}
    assert report.counts["posted"] == {}
    assert row(company, ACCOUNTS, "A2") == ("Transfer Error", gone)
    assert states(company, Kind.CUSTOMER, "A2") == [State.GONE]
    assert shown(company)[f"customer/{gone}"]["what"] == "Merged"
    decide(company, "Accept", f"customer/{gone}")
    company.sync()
    assert states(company, Kind.CUSTOMER, "A2") == [State.GONE, State.MANUAL]
    assert company.sync().counts["posted"] == {Kind.INVOICE: 1}
    assert row(company, ACCOUNTS, "A2") == ("Transfer Completed", into)
    [invoice] = [body for body in company.harness.query("Invoice") if body["DocNumber"] == "F-4"]
    assert invoice["CustomerRef"]["value"] == into


def test_or_once_its_reference_is_typed(company):  # noqa: F811
    gone, into = reference(company, "A2"), reference(company, "A1")
    company.harness.merge_customers(gone, into)
    company.pull()
    company.sync()
    company.type(ACCOUNTS, "A2", reference=into)
    company.sync()
    assert row(company, ACCOUNTS, "A2") == ("Transfer Error", into)
    company.run(lambda session: confirm(session, Chosen(kind=Kind.CUSTOMER, numbers=["A1", "A2"])))
    company.sync()
    assert row(company, ACCOUNTS, "A2") == ("Transfer Completed", into)


def test_a_merged_account_whose_change_was_refused_before_is_not_made_anew(company):  # noqa: F811
    """docs/journal.md: until its merge is accepted nothing of it is transferred, nor is it booked again by itself."""
    gone, into = reference(company, "A2"), reference(company, "A1")
    taken = company.harness.add_customer("Un nom déjà pris", "")
    company.files["accounts"][1]["name"] = "Un nom déjà pris"
    company.pull()
    assert "name_taken" in {problem.code for problem in company.sync().problems}
    company.harness.merge_customers(gone, into)
    add_invoice(company, "I4", "F-4", "A2", balance="114.98")
    company.files["accounts"][1]["name"] = "Un autre nom"
    company.pull()
    company.type(ACCOUNTS, "A2", status="To Be Transferred")
    report = company.sync()
    assert report.counts["posted"] == {}
    assert "merged_in_ledger" in {problem.code for problem in report.problems}
    decide(company, "Accept", f"customer/{gone}")
    company.sync()
    assert company.sync().counts["posted"][Kind.INVOICE] == 1
    [invoice] = [body for body in company.harness.query("Invoice") if body["DocNumber"] == "F-4"]
    assert invoice["CustomerRef"]["value"] == into != taken


def test_a_deleted_invoice_is_an_error_and_leaves_again_after_undo_alone(company):  # noqa: F811
    invoice = next(body for body in company.harness.query("Invoice") if body["DocNumber"] == "F-3")
    company.harness.delete("Invoice", invoice["Id"])
    report = company.pull()
    assert row(company, INVOICES, "I3") == ("Transfer Error", "F-3"), "at once, with the pull that heard it"
    assert company.row(INVOICES, "I3")["reason"].startswith("It was deleted in the ledger, where it was F-3")
    assert [(p.code, p.number) for p in report.problems] == [("gone_from_ledger", "F-3")]
    company.type(INVOICES, "I3", status="To Be Transferred")
    assert company.sync().counts["posted"] == {}
    assert row(company, INVOICES, "I3") == ("Transfer Error", "F-3")
    company.run(lambda session: undo_transfer(session, Chosen(kind=Kind.INVOICE, numbers=["F-3"])))
    assert row(company, INVOICES, "I3") == ("Stand By", "")
    company.type(INVOICES, "I3", status="To Be Transferred")
    assert company.sync().counts["posted"] == {Kind.INVOICE: 1}
    assert [body["DocNumber"] for body in company.harness.query("Invoice")].count("F-3") == 1


def test_an_invoice_that_a_person_voided_there_is_an_error_in_its_row_and_leaves_again_after_undo_alone(
    company,  # noqa: F811
):
    [invoice] = [body for body in company.harness.query("Invoice") if body["DocNumber"] == "F-3"]
    company.harness.void("Invoice", invoice["Id"])
    report = company.pull()
    assert [(p.code, p.number) for p in report.problems] == [("void_in_ledger", "F-3")]
    assert row(company, INVOICES, "I3") == ("Transfer Error", "F-3")
    assert company.row(INVOICES, "I3")["reason"].startswith("It was voided in the ledger, where it is F-3; seen on ")
    assert what("fr", report.problems[0]).startswith(
        "Il a été annulé en comptabilité, où il est sous F-3; constaté le "
    )
    company.type(INVOICES, "I3", status="To Be Transferred")
    assert company.sync().counts["posted"] == {}
    assert row(company, INVOICES, "I3") == ("Transfer Error", "F-3")
    company.run(lambda session: undo_transfer(session, Chosen(kind=Kind.INVOICE, numbers=["F-3"])))
    company.type(INVOICES, "I3", status="To Be Transferred")
    assert company.sync().counts["posted"] == {Kind.INVOICE: 1}
    amounts = [b["TotalAmt"] for b in company.harness.query("Invoice") if b["DocNumber"] == "F-3"]
    assert sorted(map(str, amounts)) == ["0", "114.98"]


def test_an_undone_invoice_is_void_there_and_its_own_void_is_no_news(company):  # noqa: F811
    company.run(lambda session: undo_transfer(session, Chosen(kind=Kind.INVOICE, numbers=["F-3"])))
    [body] = [body for body in company.harness.query("Invoice") if body["DocNumber"] == "F-3"]
    assert is_void(body)
    company.pull()
    assert not [key for key in shown(company) if key.startswith("invoice")]
    assert row(company, INVOICES, "I3") == ("Stand By", "")
    company.type(INVOICES, "I3", status="To Be Transferred")
    assert company.sync().counts["posted"] == {Kind.INVOICE: 1}
    amounts = [b["TotalAmt"] for b in company.harness.query("Invoice") if b["DocNumber"] == "F-3"]
    assert sorted(map(str, amounts)) == ["0", "114.98"]


def test_what_a_person_changed_of_an_account_is_not_written_over_before_it_is_decided(company):  # noqa: F811
    bare = reference(company, "A1")
    company.harness.change_email(bare, "nouvelle@example.org")
    company.pull()
    company.files["accounts"][0]["phone"] = "418 555-0100"
    company.pull()
    report = company.sync()
    assert "change_undecided" in {problem.code for problem in report.problems}
    assert report.counts["posted"] == {}
    [body] = company.harness.query("Customer", f"Id = '{bare}'")
    assert body["PrimaryEmailAddr"]["Address"] == "nouvelle@example.org"
    assert company.row(ACCOUNTS, "A1")["status"] == "To Be Transferred"
    assert f"customer/{bare}/email" in shown(company)
    decide(company, "Ignore", f"customer/{bare}/email")
    company.sync()
    assert company.sync().counts["posted"] == {Kind.CUSTOMER: 1}
    [body] = company.harness.query("Customer", f"Id = '{bare}'")
    assert body["PrimaryPhone"]["FreeFormNumber"] == "418 555-0100"


def test_every_account_that_is_one_in_the_ledger_is_gone_with_it_and_moves_with_it(company):  # noqa: F811
    """A → B, accepted, then B → C: A is B there since, as an account that was linked to B by hand is."""
    a, b = (reference(company, account) for account in ("A2", "A1"))
    c = company.harness.add_customer("Les Grands Ducs", "")
    company.harness.merge_customers(a, b)
    company.pull()
    decide(company, "Accept", f"customer/{a}")
    company.sync()
    company.harness.merge_customers(b, c)
    company.pull()
    assert {states(company, Kind.CUSTOMER, account)[-1] for account in ("A1", "A2")} == {State.GONE}
    decide(company, "Accept", f"customer/{b}")
    company.sync()
    company.sync()
    assert [row(company, ACCOUNTS, account)[1] for account in ("A1", "A2")] == [c, c]


@pytest.mark.parametrize("writing", ["addin.sync.vanished.hear", "addin.journal.Journal.hear"])
def test_what_a_crash_kept_from_being_remembered_is_heard_by_the_next_pull(company, monkeypatch, writing):  # noqa: F811
    """That it is gone and that a person is asked are two writes; a ledger tells a change once."""
    company.harness.delete("Invoice", company.harness.query("Invoice")[0]["Id"])

    def crash(*_, until="asked", **__):
        if until:
            raise KeyboardInterrupt

    with monkeypatch.context() as until_then:
        until_then.setattr(writing, crash)
        with pytest.raises(KeyboardInterrupt):
            company.pull()
    company.pull()
    gone = [key for key in ("I1", "I2", "I3") if states(company, Kind.INVOICE, key) == [State.GONE]]
    assert len(gone) == len(shown(company)) == 1
