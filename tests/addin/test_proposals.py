"""Two-way (Novi AMS, "QuickBooks is the System of Record for Accounting"): what a person does in QuickBooks Online
comes to the workbook with both values, and goes to the source when it is accepted, once. Over the sandbox, by HTTP."""

import csv
from datetime import timedelta
from decimal import Decimal
from zipfile import ZipFile

import pytest

from addin.session import Session
from addin.usecases.answering import confirm
from addin.usecases.check import check
from addin.usecases.language import language
from addin.usecases.proposals import accept, proposals
from addin.usecases.round import scheduled
from addin.usecases.sync import sync
from addin.usecases.undo import Chosen
from connectors.ledgers.quickbooks_online.connector import QuickBooksOnlineLedger
from connectors.records import Kind
from connectors.sources.files.connector import FilesSource
from tests.addin.conftest import TODAY, add_invoice
from tests.connectors.ledgers.quickbooks_harness import TAX, quickbooks
from workbook.layout import ACCOUNTS, INVOICES, ITEM_MAP, METHOD_MAP, OVERVIEW, PROPOSALS, TAX_MAP
from workbook.review import text_of


@pytest.fixture
def company(association, tmp_path, monkeypatch):
    """Two members, three invoices and a payment, transferred to QuickBooks and pulled once more."""
    monkeypatch.setattr(QuickBooksOnlineLedger, "limits", ())
    with quickbooks(association.folder, monkeypatch) as harness:
        given = {**harness.addresses, "company": harness.realm, "client_id": "sandbox-client",
                 "deposit_account": "Checking"}  # fmt: skip
        association.ledger = "quickbooks-online"
        association.settings |= {f"ledger.{name}": value for name, value in given.items()}
        association.add("accounts", key="A2", number="1002", name="Chorale d'Orford", email="c@example.org")
        add_invoice(association, "I2", "F-2", balance="114.98")
        add_invoice(association, "I3", "F-3", "A2", balance="114.98")
        association.init()
        association.before = harness.add_customer("Là depuis toujours", "avant@example.org")
        association.pull()
        choose(association)
        assert association.sync().counts["posted"] == {Kind.CUSTOMER: 2, Kind.INVOICE: 3, Kind.PAYMENT: 1}
        association.pull()
        association.harness = harness
        yield association


def choose(association):
    """What the accountant chooses on the Mapping sheet."""
    book = association.book
    for table, choices in ((ITEM_MAP, {"": "Membership"}), (TAX_MAP, {"QC": TAX}), (METHOD_MAP, {"cheque": "Cheque"})):
        book.write(table, {(code,): {"ledger_code": choice} for code, choice in choices.items()})
    book.save()


def reference(company, account):
    return company.row(ACCOUNTS, account)["reference"]


def shown(company):
    """The sheet's rows: what happened, the number or name, the field, both values."""
    rows = [{key: text_of(value) for key, value in row.values.items()} for row in company.book.read(PROPOSALS).rows]
    return {row["key"]: row for row in rows if row["key"]}


def told(company):
    """What the source was told: the rows of its file."""
    path = company.folder / "source" / "ledger_changes.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def decide(company, decision, *keys):
    for key in keys:
        company.type(PROPOSALS, key, decision=decision)


def test_what_we_posted_and_nobody_touched_is_no_proposal(company):
    assert shown(company) == {}
    company.pull()
    assert shown(company) == {}


def test_a_changed_email_is_shown_with_both_values_and_accepted_once(company):
    first = reference(company, "A1")
    company.harness.change_email(first, "nouvelle@example.org")
    assert company.pull().counts["proposed"] == {Kind.CUSTOMER: 1}
    key = f"customer/{first}/email"
    row = shown(company)[key]
    assert (row["name"], row["what"], row["field"]) == ("Club d'échecs de l'Île", "Changed", "E-mail")
    assert (row["ours"], row["theirs"]) == ("a@example.org", "nouvelle@example.org")
    company.pull()
    assert list(shown(company)) == [key]
    decide(company, "Accept", key)
    assert told(company) == []
    company.sync()
    [row] = told(company)
    assert (row["key"], row["field"], row["former_value"], row["value"]) == (
        "A1", "email", "a@example.org", "nouvelle@example.org",
    )  # fmt: skip
    assert shown(company) == {}
    before = (company.folder / "source" / "ledger_changes.csv").read_bytes()
    company.sync()
    company.pull()
    assert shown(company) == {}
    assert (company.folder / "source" / "ledger_changes.csv").read_bytes() == before


def test_the_dashboard_asks_for_a_decision_when_nothing_else_waits(company):
    company.harness.change_email(reference(company, "A1"), "nouvelle@example.org")
    company.pull()
    company.run(check)
    steps = {text_of(row.values["key"]): text_of(row.values["value"]) for row in company.book.read(OVERVIEW).rows}
    assert steps["Next step"].startswith("Decide on the sheet Ledger changes")


def test_an_invoice_and_a_customer_made_by_hand_are_told_whole(company):
    by_hand = company.harness.add_customer("Nouvelle membre", "n@example.org")
    invoice = company.harness.add_invoice(reference(company, "A2"), Decimal("80.00"))
    company.pull()
    rows = shown(company)
    assert set(rows) == {f"customer/{by_hand}", f"invoice/{invoice}"}
    assert rows[f"invoice/{invoice}"]["what"] == "Created"
    assert rows[f"invoice/{invoice}"]["ours"] == ""
    assert "Account: Chorale d'Orford" in rows[f"invoice/{invoice}"]["theirs"]
    assert "Total: 80.00" in rows[f"invoice/{invoice}"]["theirs"]
    decide(company, "Accepter", *rows)
    company.sync()
    values = {(row["id"], row["field"]): row for row in told(company)}
    assert values[f"invoice/{invoice}", "total"]["value"] == "80.00"
    assert values[f"invoice/{invoice}", "customer"]["account"] == "A2"
    assert values[f"customer/{by_hand}", "email"]["value"] == "n@example.org"
    assert {row["key"] for row in told(company)} == {""}


def test_a_deleted_invoice_is_shown_as_deleted(company):
    invoice = next(body for body in company.harness.query("Invoice") if body["DocNumber"] == "F-3")
    company.harness.delete("Invoice", invoice["Id"])
    company.pull()
    [row] = shown(company).values()
    assert (row["kind"], row["number"], row["what"], row["field"]) == ("Invoice", "F-3", "Deleted", "")
    decide(company, "Accept", row["key"])
    company.sync()
    [row] = told(company)
    assert (row["kind"], row["key"], row["what"]) == ("invoice", "I3", "deleted")


def test_asking_what_happened_turns_the_row_of_what_is_gone(company):
    """As Pull and Check do: nobody believes a row that says Transfer Completed of what was deleted."""
    invoice = next(body for body in company.harness.query("Invoice") if body["DocNumber"] == "F-3")
    company.harness.delete("Invoice", invoice["Id"])
    report = company.run(proposals)
    assert {(problem.kind, problem.key) for problem in report.problems} == {(Kind.INVOICE, "I3")}
    row = company.row(INVOICES, "I3")
    assert row["status"] != "Transfer Completed"
    assert row["reason"]
    assert company.row(INVOICES, "I2")["status"] == "Transfer Completed"


def test_a_round_by_the_clock_hears_once_a_day_what_people_did(company):
    """Nobody presses Pull where a schedule does all, and what was deleted is to be shown there as well."""

    def goes_round(day):
        with Session.open(company.profile, company.book, "sync", day) as session:
            scheduled(session)

    invoice = next(body for body in company.harness.query("Invoice") if body["DocNumber"] == "F-3")
    company.harness.delete("Invoice", invoice["Id"])
    goes_round(TODAY)
    assert not shown(company)
    goes_round(TODAY + timedelta(days=1))
    [row] = shown(company).values()
    assert (row["kind"], row["number"], row["what"]) == ("Invoice", "F-3", "Deleted")


def test_two_customers_made_one_are_shown_as_merged_and_into_which(company):
    gone, into = reference(company, "A2"), reference(company, "A1")
    company.harness.merge_customers(gone, into)
    company.pull()
    [row] = shown(company).values()
    assert (row["what"], row["name"], row["theirs"]) == (
        "Merged",
        "Chorale d'Orford (deleted)",
        "Club d'échecs de l'Île",
    )
    decide(company, "Accept", row["key"])
    company.sync()
    [row] = told(company)
    assert (row["key"], row["what"], row["merged_into"], row["account"]) == ("A2", "merged", into, "A1")


def test_what_is_ignored_is_gone_until_it_changes_again(company):
    first = reference(company, "A1")
    company.harness.change_email(first, "une@example.org")
    company.pull()
    decide(company, "Ignore", f"customer/{first}/email")
    company.pull()
    assert shown(company) == {}
    company.harness.change("Customer", first, Mobile={"FreeFormNumber": "418 555-0199"})
    company.pull()
    assert list(shown(company)) == [f"customer/{first}/mobile"]
    company.harness.change_email(first, "deux@example.org")
    company.pull()
    assert set(shown(company)) == {f"customer/{first}/mobile", f"customer/{first}/email"}
    assert told(company) == []


def test_a_customer_that_a_person_linked_is_heard_of_from_then_on(company):
    """What the ledger had of it before is for the accountant to compare, what changes then is a proposal."""
    by_hand = company.harness.add_customer("Les Joyeux Randonneurs", "avant@example.org")
    company.pull()
    decide(company, "Ignore", f"customer/{by_hand}")
    for key, linked in (("A3", by_hand), ("A4", company.before)):
        company.add("accounts", key=key, number=key, name=f"Randonneurs {key}", email="r@example.org",
                    sync_reference=linked)  # fmt: skip
    company.pull()
    company.run(lambda session: confirm(session, Chosen(kind=Kind.CUSTOMER, numbers=["A3", "A4"])))
    company.harness.change("Customer", by_hand, Fax={"FreeFormNumber": "418 555-0100"})
    company.harness.change_email(company.before, "apres@example.org")
    company.sync()
    company.pull()
    assert set(shown(company)) == {f"customer/{by_hand}/fax", f"customer/{company.before}/email"}


def test_a_value_that_comes_back_to_ours_is_asked_no_more(company):
    first = reference(company, "A1")
    company.harness.change_email(first, "une@example.org")
    company.pull()
    company.harness.change_email(first, "a@example.org")
    company.pull()
    assert shown(company) == {}


def test_a_source_that_cannot_be_told_now_is_told_by_the_next_run(company, monkeypatch):
    first = reference(company, "A1")
    company.harness.change_email(first, "une@example.org")
    company.pull()
    path = company.folder / "source" / "ledger_changes.csv"
    path.write_text("of another program\n")
    report = company.run(lambda session: accept(session, [f"customer/{first}/email"]))
    assert [problem.code for problem in report.problems] == ["results_foreign", "results_wait"]
    assert shown(company)[f"customer/{first}/email"]["decision"] == "Accept"
    path.unlink()
    company.sync()
    assert [row["value"] for row in told(company)] == ["une@example.org"]


def test_checks_and_entries_come_in_and_a_purchase_by_card_does_not(company):
    accounts = {account["Name"]: account["Id"] for account in company.harness.query("Account")}
    line = {"Amount": 40, "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": {"AccountRef": {"value": accounts["Office Supplies"]}}}  # fmt: skip
    common = {"TxnDate": "2025-03-01", "Line": [line], "GlobalTaxCalculation": "NotApplicable"}
    bank = {"value": accounts["Checking"]}
    company.harness.make("Purchase", PaymentType="Cash", AccountRef=bank, **common)
    check = company.harness.make("Purchase", PaymentType="Check", AccountRef=bank, DocNumber="77", **common)["Id"]
    company.pull()
    [row] = shown(company).values()
    assert (row["key"], row["kind"], row["number"]) == (f"journal_entry/Purchase:{check}", "Check", "77")
    lines = row["theirs"].split("Lines: ")[1].splitlines()[:2]
    assert sorted(lines) == ["Checking: -40.00", "Office Supplies: 40.00"], "each line's account, and its amount"


def test_a_payment_made_by_hand_shows_its_number_and_method(company):
    methods = {method["Name"]: method["Id"] for method in company.harness.query("PaymentMethod")}
    payment = company.harness.make(
        "Payment", CustomerRef={"value": reference(company, "A1")}, TxnDate="2025-03-01", TotalAmt=12,
        PaymentRefNum="CHQ-9", PaymentMethodRef={"value": methods["Cheque"]},
    )["Id"]  # fmt: skip
    company.pull()
    row = shown(company)[f"payment/Payment:{payment}"]
    assert row["number"] == "CHQ-9"
    assert "Payment method: Cheque" in row["theirs"].splitlines()
    assert "Number: CHQ-9" in row["theirs"].splitlines()


def test_a_workbook_without_the_table_works_and_says_so_when_there_is_something_to_show(company):
    workbook = company.profile.workbook
    with ZipFile(workbook) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    with ZipFile(workbook, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content.replace(b'"tblProposals"', b'"tblOfAnother"'))
    assert "table_missing" not in {problem.code for problem in company.pull().problems}
    first = reference(company, "A1")
    company.harness.change_email(first, "une@example.org")
    [problem] = [problem for problem in company.pull().problems if problem.code == "table_missing"]
    assert problem.params["table"] == PROPOSALS.name
    company.run(lambda session: accept(session, [f"customer/{first}/email"]))
    assert [row["value"] for row in told(company)] == ["une@example.org"]


def test_in_french_the_same_row_speaks_french(company):
    first = reference(company, "A1")
    company.harness.change_email(first, "une@example.org")
    by_hand = company.harness.add_customer("Nouvelle membre", "n@example.org")
    company.pull()
    decide(company, "Accept", f"customer/{by_hand}")
    company.run(lambda session: language(session, "fr"))
    made, row = (shown(company)[f"customer/{name}"] for name in (by_hand, f"{first}/email"))
    assert "Courriel\u00a0: n@example.org" in made["theirs"]
    assert made["decision"] == "Accepter"
    assert (row["kind"], row["what"], row["field"]) == ("Compte", "Modification", "Courriel")
    decide(company, "Accepter", row["key"])
    company.sync()
    assert [row["value"] for row in told(company) if row["field"] == "email"] == ["une@example.org", "n@example.org"]


def test_the_commands_list_and_accept(company):
    first = reference(company, "A1")
    company.harness.change_email(first, "une@example.org")
    report = company.run(proposals)
    [listed] = report.facts["proposals"]
    assert (listed["ours"], listed["theirs"]) == ("a@example.org", "une@example.org")
    company.run(lambda session: accept(session, (), everything=True))
    assert [row["value"] for row in told(company)] == ["une@example.org"]
    assert company.run(proposals).facts["proposals"] == []


def test_telling_the_source_twice_changes_nothing(company, monkeypatch):
    first = reference(company, "A1")
    company.harness.change_email(first, "une@example.org")
    company.pull()
    taken = []
    take = FilesSource.take
    monkeypatch.setattr(FilesSource, "take", lambda self, changes: (taken.append(list(changes)), take(self, changes)))
    company.run(lambda session: accept(session, (), everything=True))
    company.run(sync)
    assert len(taken) == 1
    before = (company.folder / "source" / "ledger_changes.csv").read_bytes()
    take(company.profile.open_source(), taken[0])
    assert (company.folder / "source" / "ledger_changes.csv").read_bytes() == before


def test_a_decision_in_a_workbook_that_shows_an_older_value_counts_for_nothing(company):
    """A copy, or one that could not be saved when the ledger told the next value: nobody has seen what is asked now."""
    first = reference(company, "A1")
    company.harness.change_email(first, "une@example.org")
    company.pull()
    older = company.profile.workbook.read_bytes()
    company.harness.change_email(first, "deux@example.org")
    company.pull()
    company.profile.workbook.write_bytes(older)
    key = f"customer/{first}/email"
    decide(company, "Accept", key)
    company.sync()
    assert told(company) == []
    assert (shown(company)[key]["theirs"], shown(company)[key]["decision"]) == ("deux@example.org", "")
    decide(company, "Accept", key)
    company.sync()
    assert [row["value"] for row in told(company)] == ["deux@example.org"]
