"""Membri 365: what is read, what is decided there, what it is told, and what of its mapping does not fit."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.conformance.source import posted
from connectors.pace import Limit
from connectors.problems import CannotRun
from connectors.records import CreditNote, Customer, Invoice, Kind, Origin, Payment, Refund, SyncStatus, TaxCategory
from connectors.sandboxes.faults import Fault, FaultKind
from connectors.sources.files.connector import FilesSource
from connectors.sources.files.sample import write_sample
from connectors.sources.files.settings import FilesSettings
from connectors.sources.membri.connector import MembriSource
from connectors.sources.membri.mapping import DEFAULT, Names
from connectors.sources.membri.sandbox.demonstration import fill, id_of
from tests.connectors.sources.membri_harness import MembriHarness, membri

PAID, DONE = 282210002, 282210003


@pytest.fixture
def harness(tmp_path, monkeypatch):
    with membri(tmp_path, monkeypatch, page=500) as harness:
        yield harness


def pull(harness: MembriHarness):
    with harness.open() as source:
        source.connect()
        return source.pull()


def tell(harness: MembriHarness, *results):
    with harness.open() as source:
        source.connect()
        return list(source.acknowledge(results))


def refused(harness: MembriHarness) -> CannotRun:
    with pytest.raises(CannotRun) as caught:
        pull(harness)
    return caught.value


def remap(harness: MembriHarness, *changes: tuple[str, str]) -> None:
    """Write the company's mapping with names changed."""
    text = DEFAULT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (harness.folder / "membri.toml").write_text(text, encoding="utf-8")


# --- what is read


def test_the_sample_is_read_as_the_files_say_it(harness: MembriHarness, tmp_path: Path) -> None:
    """Every account, invoice, credit note, refund and payment of the files, field by field.

    What the bank returned is no part of Membri: its invoice is paid there.
    """
    write_sample(tmp_path / "sample")
    harness.sandbox.dataverse.kept.tables["cdc_chapter"].rows.clear()
    fill(harness.sandbox, tmp_path / "sample" / "source")
    here = FilesSource(FilesSettings(folder=tmp_path / "sample")).pull()
    there = pull(harness)
    tables = {Kind.CUSTOMER: "account", Kind.PAYMENT: "cdc_payment"}
    found = {(each.kind, each.key): each for each in there.records}
    compared, differing = 0, []
    for each in here.records:
        key = id_of(tables.get(each.kind, "cdc_invoice"), each.key)
        if isinstance(each, Customer | Invoice | CreditNote | Refund | Payment) and (each.kind, key) in found:
            theirs, ours = plain(found[each.kind, key]), plain(each)
            differing += [(each.number, name, theirs[name]) for name in ours if theirs[name] != ours[name]]
            compared += 1
    assert differing == [("F25-0200", "balance", Decimal(0))]
    assert compared == len(there.records) == 239 + 607 + 15 + 8 + 471
    assert len(there.schedules) == len(here.schedules) == 43
    assert {each.code for each in here.lists.tax_groups} == {each.code for each in there.lists.tax_groups}
    assert [each.code for each in there.problems] == []


def plain(record) -> dict[str, object]:
    """What a record says, but for identifiers, which are the source's own, and what Membri has no place for."""
    told = {name: getattr(record, name) for name in record.__dataclass_fields__}
    own = ("key", "provenance", "url", "customer", "parent", "invoice", "payment", "care_of")
    if "lines" in told:
        told["lines"] = [replace(line, key="", provenance=record.provenance) for line in record.lines]
        told["taxes"] = sorted((tax.tax, tax.amount, tax.base) for tax in record.taxes)
    if "allocations" in told:
        told["allocations"] = sorted((each.amount, each.discount) for each in record.allocations)
    return {name: value for name, value in told.items() if name not in own}


def test_another_chapter_is_not_read(harness: MembriHarness) -> None:
    [account] = harness.add_accounts(1)
    harness.sandbox.add("account", name="Ailleurs", cdc_chapterid=harness.elsewhere)
    assert [each.key for each in pull(harness).records] == [account]


def test_both_taxes_of_an_invoice_are_those_of_its_tax_group(harness: MembriHarness) -> None:
    [account] = harness.add_accounts(1)
    key = harness.add_invoice(account, Decimal(100))
    group = harness.sandbox.add(
        "cdc_taxgroup", cdc_name="QC", cdc_applygst=True, cdc_gstname="TPS", cdc_gstrate=Decimal(5), cdc_applypst=True,
        cdc_pstname="TVQ", cdc_pstrate=Decimal("9.975"), cdc_taxcalculation=282210001,
    )  # fmt: skip
    harness.sandbox.rows("cdc_invoice")[key] |= {
        "cdc_taxgroupid": group, "cdc_gstamount": Decimal("5.0000"), "cdc_pstamount": Decimal("9.98"),
        "cdc_gstbase": Decimal(100), "cdc_totaltax": Decimal("14.98"), "cdc_total": Decimal("114.98"),
    }  # fmt: skip
    pulled = pull(harness)
    [invoice] = [each for each in pulled.records if isinstance(each, Invoice)]
    assert [(tax.tax, tax.amount, tax.base) for tax in invoice.taxes] == [
        ("TPS", Decimal("5.00"), Decimal("100.00")), ("TVQ", Decimal("9.98"), Decimal("0.00"))
    ]  # fmt: skip
    [told] = pulled.lists.tax_groups
    assert (told.taxes, told.rounding) == (("TPS", "TVQ"), "rounded_sum")
    assert [(tax.code, tax.rate) for tax in pulled.lists.taxes] == [("TPS", Decimal(5)), ("TVQ", Decimal("9.975"))]


def test_a_choice_that_the_mapping_does_not_list_is_told_and_never_guessed(harness: MembriHarness) -> None:
    [account] = harness.add_accounts(1)
    key = harness.add_invoice(account, Decimal(100))
    table = harness.sandbox.dataverse.kept.tables["cdc_invoice"]
    column = table.columns["cdc_invoicetype"]
    table.columns["cdc_invoicetype"] = replace(column, choices={**column.choices, 282210077: "Lease"})
    table.rows[key]["cdc_invoicetype"] = 282210077
    pulled = pull(harness)
    assert [each.kind for each in pulled.records] == [Kind.CUSTOMER]
    problem = pulled.problems[0]
    assert (problem.code, problem.key, problem.params["value"]) == ("value_unknown", key, "282210077")
    assert problem.provenance.place.endswith(f"/main.aspx?etn=cdc_invoice&pagetype=entityrecord&id={key}")


TYPES = {
    "Member registration": (Kind.INVOICE, Origin.MEMBERSHIP),
    "Delegate registration": (Kind.INVOICE, Origin.MEMBERSHIP),
    "Delegate renewal": (Kind.INVOICE, Origin.RENEWAL),
    "Order": (Kind.INVOICE, Origin.ORDER),
    "Donation": (Kind.INVOICE, Origin.DONATION),
    "Event registration": (Kind.INVOICE, Origin.EVENT),
    "Contract": (Kind.INVOICE, Origin.MANUAL),
    "Manual": (Kind.INVOICE, Origin.MANUAL),
    "Annual sponsor": (Kind.INVOICE, Origin.SPONSORSHIP),
    "Event sponsor": (Kind.INVOICE, Origin.SPONSORSHIP),
    "Refund": (Kind.REFUND, Origin.CANCELLATION),
    "Renewal": (Kind.INVOICE, Origin.RENEWAL),
    "Opening balance": (Kind.INVOICE, Origin.OPENING_BALANCE),
    "Membership upgrade": (Kind.INVOICE, Origin.MEMBERSHIP),
    "Credit note": (Kind.CREDIT_NOTE, Origin.CANCELLATION),
}
"""Membri 365, "Invoicing": the types of invoices, and what each is here."""


def test_what_an_invoice_is_follows_from_its_type(harness: MembriHarness) -> None:
    """Membership and renewal invoices are those that may wait for their payment."""
    [account] = harness.add_accounts(1)
    choices = harness.sandbox.dataverse.kept.tables["cdc_invoice"].columns["cdc_invoicetype"].choices
    keys = {}
    for value, label in choices.items():
        key = harness.add_invoice(account, Decimal(100))
        harness.sandbox.rows("cdc_invoice")[key]["cdc_invoicetype"] = value
        keys[key] = label
    found = {each.key: (each.kind, each.origin) for each in pull(harness).records if each.key in keys}
    assert {keys[key]: told for key, told in found.items()} == TYPES


def test_a_group_without_taxes_is_exempt(harness: MembriHarness) -> None:
    harness.sandbox.add("cdc_taxgroup", cdc_name="Exonéré", cdc_applygst=False, cdc_applypst=False,
                        cdc_taxcalculation=282210000)  # fmt: skip
    [group] = pull(harness).lists.tax_groups
    assert (group.code, group.taxes, group.category) == ("Exonéré", (), None)
    assert TaxCategory.EXEMPT not in {group.category}, "planning says which it is (Rates)"


# --- what is decided there


@pytest.mark.parametrize(("theirs", "reference", "ours"), [
    (282210000, None, SyncStatus.STAND_BY), (282210001, None, None), (282210002, "77", None),
    (282210002, None, SyncStatus.STAND_BY), (282210003, None, SyncStatus.STAND_BY),
    (282210004, None, SyncStatus.DO_NOT_SYNC), (282210005, None, SyncStatus.IN_REVIEW), (None, None, None),
])  # fmt: skip
def test_the_status_of_a_record_is_its_first_here(harness: MembriHarness, theirs, reference, ours) -> None:
    """Membri 365, "Synchronization Status": six of them."""
    [key] = harness.add_accounts(1)
    harness.sandbox.rows("account")[key] |= {"cdc_syncstatus": theirs, "cdc_syncreference": reference}
    assert pull(harness).decided[Kind.CUSTOMER, key].status is ours


def test_a_status_that_the_mapping_does_not_list_waits_and_is_not_taken_for_one_to_be_transferred(
    harness: MembriHarness,
) -> None:
    [key] = harness.add_accounts(1)
    table = harness.sandbox.dataverse.kept.tables["account"]
    column = table.columns["cdc_syncstatus"]
    table.columns["cdc_syncstatus"] = replace(column, choices={**column.choices, 282210077: "Refused by the board"})
    table.rows[key]["cdc_syncstatus"] = 282210077
    assert pull(harness).decided[Kind.CUSTOMER, key].status is SyncStatus.STAND_BY


@pytest.mark.parametrize("flag", [True, False, None])
def test_a_new_account_is_as_its_file_says(harness: MembriHarness, flag) -> None:
    [key] = harness.add_accounts(1)
    harness.sandbox.rows("account")[key]["cdc_newaccountforsync"] = flag
    assert pull(harness).decided[Kind.CUSTOMER, key].new_account is flag


def test_the_settings_of_the_chapter_are_rules_and_those_of_another_are_not(harness: MembriHarness) -> None:
    harness.sandbox.add("cdc_accountingsettings", cdc_chapterid=harness.elsewhere, cdc_synchronize=False)
    assert pull(harness).rules == {}
    harness.sandbox.add("cdc_accountingsettings", cdc_chapterid=harness.chapter, cdc_synchronize=True,
                        cdc_synchronizewhenpaid=False, cdc_synchronizerenewalswhenpaid=True)  # fmt: skip
    assert pull(harness).rules == {"all_when_paid": False, "dues_when_paid": True}


def test_a_chapter_that_does_not_synchronize_gives_nothing(harness: MembriHarness) -> None:
    harness.sandbox.add("cdc_accountingsettings", cdc_chapterid=harness.chapter, cdc_synchronize=False)
    [problem] = refused(harness).problems
    assert problem.code == "membri_switched_off"


def test_a_chapter_that_is_not_there_is_named_with_those_that_are(harness: MembriHarness) -> None:
    for row in harness.sandbox.rows("cdc_chapter").values():
        row["cdc_name"] = row["cdc_name"].replace("Section ", "Chapitre ")
    [problem] = refused(harness).problems
    assert problem.code == "membri_chapter_unknown"
    assert "Chapitre Québec" in problem.params["known"]


# --- what it is told


def test_an_invoice_is_done_once_it_is_transferred_and_paid(harness: MembriHarness) -> None:
    """ "Done": paid and transferred to the accounting system."""
    [account] = harness.add_accounts(1)
    open_, paid = (harness.add_invoice(account, Decimal(100)) for _ in range(2))
    rows = harness.sandbox.rows("cdc_invoice")
    rows[paid]["cdc_status"] = PAID
    assert tell(harness, posted(Kind.INVOICE, open_), posted(Kind.INVOICE, paid)) == []
    assert (rows[open_]["cdc_status"], rows[paid]["cdc_status"]) == (282210001, DONE)


@pytest.mark.parametrize("on_its_row", [True, False])
def test_the_payment_of_a_transferred_invoice_makes_it_done(harness: MembriHarness, on_its_row: bool) -> None:
    [account] = harness.add_accounts(1)
    key = harness.add_invoice(account, Decimal(100))
    rows = harness.sandbox.rows("cdc_invoice")
    payment = harness.add_payment(account, key, Decimal(100))
    if not on_its_row:
        harness.sandbox.rows("cdc_payment")[payment]["cdc_invoiceid"] = None
        harness.sandbox.add("cdc_paymentallocation", cdc_paymentid=payment, cdc_invoiceid=key, cdc_amount=Decimal(100))
    rows[key]["cdc_status"] = PAID
    tell(harness, posted(Kind.PAYMENT, payment))
    assert rows[key]["cdc_status"] == PAID, "it is not transferred"
    tell(harness, posted(Kind.INVOICE, key))
    rows[key]["cdc_status"] = PAID
    assert tell(harness, posted(Kind.PAYMENT, payment)) == []
    assert rows[key]["cdc_status"] == DONE


def test_a_failed_update_takes_no_reference_away(harness: MembriHarness) -> None:
    [key] = harness.add_accounts(1)
    tell(harness, posted(Kind.CUSTOMER, key))
    failed = replace(posted(Kind.CUSTOMER, key), status=SyncStatus.ERROR, sync_reference="", reason="Refusé")
    tell(harness, failed)
    row = harness.sandbox.rows("account")[key]
    assert (row["cdc_syncreference"], row["cdc_syncerror"]) == (posted(Kind.CUSTOMER, key).sync_reference, "Refusé")


def test_what_was_undone_has_no_reference_any_more_and_a_typed_one_stays(harness: MembriHarness) -> None:
    [account] = harness.add_accounts(1)
    key = harness.add_invoice(account, Decimal(100))
    told = posted(Kind.INVOICE, key)
    tell(harness, told)
    undone = replace(told, status=SyncStatus.STAND_BY, sync_reference="", ledger_number="",
                     former=frozenset({told.sync_reference}))  # fmt: skip
    assert tell(harness, undone) == []
    row = harness.sandbox.rows("cdc_invoice")[key]
    assert (row["cdc_syncreference"], row["cdc_accountingnumber"], row["cdc_syncstatus"]) == (None, None, 282210000)
    row["cdc_syncreference"] = "TYPED"
    tell(harness, undone)
    assert row["cdc_syncreference"] == "TYPED"


def test_a_reference_of_before_is_replaced_by_the_one_of_now(harness: MembriHarness) -> None:
    [key] = harness.add_accounts(1)
    harness.sandbox.rows("account")[key]["cdc_syncreference"] = "M0003"
    told = replace(posted(Kind.CUSTOMER, key), former=frozenset({"M0003"}))
    assert tell(harness, told) == []
    assert harness.sandbox.rows("account")[key]["cdc_syncreference"] == told.sync_reference


def test_a_reference_that_is_neither_ours_nor_of_before_is_told_and_stays(harness: MembriHarness) -> None:
    """Nothing that changed between reading and telling is overwritten: a person put another reference there."""
    [key] = harness.add_accounts(1)
    harness.sandbox.rows("account")[key]["cdc_syncreference"] = "M0003"
    [problem] = tell(harness, posted(Kind.CUSTOMER, key))
    assert problem.code == "source_reference_differs"
    assert problem.params["theirs"] == "M0003"
    assert harness.sandbox.rows("account")[key]["cdc_syncreference"] == "M0003"


def test_an_error_is_cut_to_what_the_column_takes(harness: MembriHarness) -> None:
    [key] = harness.add_accounts(1)
    assert tell(harness, replace(posted(Kind.CUSTOMER, key), status=SyncStatus.ERROR, reason="é" * 900)) == []
    assert harness.sandbox.rows("account")[key]["cdc_syncerror"] == "é" * 500


def test_what_was_made_here_is_not_told(harness: MembriHarness) -> None:
    """Entries of deferred revenue, fees and discounts have keys of their own."""
    before = harness.content()
    made = [replace(posted(Kind.CREDIT_NOTE, "x"), key="P0390/discount"), posted(Kind.JOURNAL_ENTRY, "S001/2024-01")]
    assert tell(harness, *made) == []
    assert harness.content() == before


def test_a_row_whose_version_moved_is_read_again(harness: MembriHarness) -> None:
    """Between the reading and the change: 412, and the change is made under the new version."""
    [key] = harness.add_accounts(1)
    fault = Fault(kind=FaultKind.REFUSE, method="PATCH", status=412)
    harness.sandbox.faults.add(fault)
    assert tell(harness, posted(Kind.CUSTOMER, key)) == []
    assert harness.sandbox.faults.report()[0]["fired"] == 1
    assert harness.sandbox.rows("account")[key]["cdc_syncreference"] == posted(Kind.CUSTOMER, key).sync_reference


def test_a_row_that_never_stands_still_is_told_later(harness: MembriHarness) -> None:
    [key, other] = harness.add_accounts(2)
    harness.sandbox.faults.add(Fault(kind=FaultKind.REFUSE, method="PATCH", path=key, status=412, times=0))
    [problem] = tell(harness, posted(Kind.CUSTOMER, key), posted(Kind.CUSTOMER, other))
    assert (problem.code, problem.key) == ("source_record_busy", key)
    assert harness.sandbox.rows("account")[other]["cdc_syncreference"]


def test_a_row_that_goes_between_reading_and_changing_is_not_made_again(harness: MembriHarness) -> None:
    """A change without If-Match would make it anew (an upsert)."""
    [key] = harness.add_accounts(1)
    rows, answered = harness.sandbox.rows("account"), harness.sandbox.dataverse.answer

    def delete_first(request):
        if request.method == "PATCH":
            rows.pop(key, None)
        return answered(request)

    harness.sandbox.dataverse.answer = delete_first
    [problem] = tell(harness, posted(Kind.CUSTOMER, key))
    assert problem.code == "source_record_gone"
    assert key not in rows


def test_what_the_role_does_not_allow_is_told_of_each_record(harness: MembriHarness) -> None:
    """403 with the privilege that is missing; accounts may be told, invoices not."""
    [account] = harness.add_accounts(1)
    invoice = harness.add_invoice(account, Decimal(100))
    harness.sandbox.dataverse.denied.add(("cdc_invoice", "Write"))
    [problem] = tell(harness, posted(Kind.INVOICE, invoice), posted(Kind.CUSTOMER, account))
    assert (problem.code, problem.key) == ("access_denied", invoice)
    assert "prvWritecdc_invoice" in problem.detail
    assert harness.sandbox.rows("account")[account]["cdc_syncreference"]


# --- signing in, limits, pages


def test_a_wrong_secret_says_so(harness: MembriHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    harness.sandbox.dataverse.app = replace(harness.sandbox.dataverse.app, secret="another")
    [problem] = refused(harness).problems
    assert problem.code == "client_refused"
    assert "AADSTS7000215" in problem.detail


def test_a_token_that_ends_between_two_requests_is_renewed(harness: MembriHarness) -> None:
    [key] = harness.add_accounts(1)
    with harness.open() as source:
        source.connect()
        harness.sandbox.dataverse.end_tokens()
        assert [each.key for each in source.pull().records] == [key]
        harness.sandbox.dataverse.end_tokens()
        assert list(source.acknowledge([posted(Kind.CUSTOMER, key)])) == []
    assert harness.sandbox.rows("account")[key]["cdc_syncreference"] == posted(Kind.CUSTOMER, key).sync_reference


def test_the_published_limit_is_kept() -> None:
    """Microsoft, "Service protection API limits": 6,000 requests of a user in 300 seconds."""
    assert MembriSource.limits == (Limit(calls=6000, seconds=300),)


def test_a_next_page_elsewhere_is_not_followed(harness: MembriHarness) -> None:
    harness.add_accounts(2)
    body = b'{"value": [], "@odata.nextLink": "https://elsewhere.example/api/data/v9.2/accounts"}'
    fault = Fault(kind=FaultKind.REFUSE, path="/api/data/v9.2/accounts?", status=200, body=body.decode())
    with harness.open() as source:
        source.connect()
        harness.sandbox.faults.add(fault)
        with pytest.raises(CannotRun) as caught:
            source.pull()
    assert caught.value.problems[0].code == "answer_unreadable"


def test_a_next_page_that_leads_to_itself_ends(harness: MembriHarness) -> None:
    harness.add_accounts(2)
    link = f"{harness.sandbox.url}/api/data/v9.2/accounts?again"
    body = f'{{"value": [], "@odata.nextLink": "{link}"}}'
    with harness.open() as source:
        source.connect()
        harness.sandbox.faults.add(Fault(kind=FaultKind.REFUSE, path="/accounts?", status=200, body=body, times=0))
        with pytest.raises(CannotRun) as caught:
            source.pull()
    assert caught.value.problems[0].code == "answer_unreadable"


# --- the mapping


TEN = (
    ('table = "cdc_contribution"', 'table = "cdc_contributions"'),
    ('email = "emailaddress1"', 'email = "emailadress1"'),
    ('phone = "telephone1"', 'phone = "telephon1"'), ('number = "cdc_number"', 'number = "cdc_invoicenumber"'),
    ('cdc_taxgroupid/cdc_gstname if', 'cdc_taxgroupid/cdc_gst if'), ('282210010 = "refund"', '282219999 = "refund"'),
    ('chapter = "cdc_invoiceid/cdc_chapterid"', 'chapter = "cdc_invoiceid/cdc_chapitreid"'),
    ('error = "cdc_syncerror"', 'error = "cdc_synchronizationerror"'), ('done = "282210003"', 'done = "282210033"'),
    ('only = { cdc_applypst = true }', 'only = { cdc_applyqst = true }'),
)  # fmt: skip
"""Ten names that are not there, and something that is near to each of them."""


def test_ten_wrong_names_are_told_at_once_each_with_where_it_is_and_what_is_near(harness: MembriHarness) -> None:
    harness.add_accounts(1)
    remap(harness, *TEN)
    [problem] = refused(harness).problems
    assert problem.code == "membri_mapping_differs"
    told = problem.params["names"]
    for where, wrong, near in (
        ("tables.contributions.table", "cdc_contributions", "cdc_contribution"),
        ("tables.accounts.email", "emailadress1", "emailaddress1"),
        ("tables.accounts.phone", "telephon1", "telephone1"),
        ("tables.invoices.number", "cdc_invoicenumber", "cdc_number"),
        ("tables.invoice_gst.tax", "cdc_taxgroupid/cdc_gst", "cdc_gstname"),
        ("tables.invoices.words.kind", "282219999", "282210010"),
        ("tables.invoice_lines.chapter", "cdc_invoiceid/cdc_chapitreid", "cdc_chapterid"),
        ("told.invoices.error", "cdc_synchronizationerror", "cdc_syncerror"),
        ("told.invoices.done", "282210033", "282210003"),
        ("tables.pst.only", "cdc_applyqst", "cdc_applypst"),
    ):
        assert re.search(rf"{re.escape(f'{where}: {wrong}')} \(→ [^)]*{re.escape(near)}", told), where


def test_the_first_connect_puts_the_commented_mapping_there_and_changes_no_other(harness: MembriHarness) -> None:
    file = harness.folder / "membri.toml"
    pull(harness)
    assert file.read_text(encoding="utf-8") == DEFAULT
    file.write_text(DEFAULT + "\n# ours\n", encoding="utf-8")
    pull(harness)
    assert file.read_text(encoding="utf-8").endswith("# ours\n")


@pytest.mark.parametrize(("old", "new", "said"), [
    ('gives = "accounts"', 'gives = "konten"', "konten"),
    ('email = "emailaddress1"', 'e_mail = "emailaddress1"', "e_mail"),
    ('email = "emailaddress1"', 'email = "drop table"', "drop table"), ("[told.accounts]", "[told.konten]", "konten"),
    ("[chapter]", "[chapter", ""), ('email = "emailaddress1"', 'email = "a/b/c"', "a/b/c"),
    ('in_review = "282210005"', "", "in_review"), ('in_review = "282210005"', 'in_review = "282210001"', "282210001"),
])  # fmt: skip
def test_a_mapping_that_is_none_is_told_with_where(harness: MembriHarness, old: str, new: str, said: str) -> None:
    remap(harness, (old, new))
    [problem] = refused(harness).problems
    assert problem.code == "membri_mapping_unreadable"
    assert said in problem.detail


def test_every_name_of_the_commented_mapping_is_used() -> None:
    names = Names.model_validate(tomllib.loads(DEFAULT))
    assert {table.gives for table in names.tables.values()} >= {"accounts", "documents", "lines", "document_taxes",
                                                                 "payments", "allocations", "schedules"}  # fmt: skip
    assert set(names.statuses) == set(SyncStatus)
