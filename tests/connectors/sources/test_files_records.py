"""Rows of several files become whole records, or none: docs/source-files.md, "What becomes a record"."""

from datetime import date
from decimal import Decimal

import pytest
from conftest import DOCUMENTS, LINES, keys, told

from connectors.records import (
    Allocation,
    CreditNote,
    DocumentTax,
    EntryLine,
    ExchangeRate,
    Item,
    JournalEntry,
    Kind,
    LedgerAccount,
    ListEntry,
    Origin,
    Payment,
    Refund,
    RevenueSchedule,
    SalesReceipt,
    SupplierInvoice,
    Tax,
    TaxGroup,
    TaxRounding,
)
from connectors.source import Pulled
from connectors.sources.tables.columns import TABLES

HEADER = "key,kind,number,date,account,subtotal,tax,total,balance,invoice,method,deposit_account\n"
PAYMENTS = "key,date,account,amount\nP1,2025-03-01,A1,50.00\n"


def record(pulled: Pulled, key: str):
    return next(found for found in pulled.records if found.key == key)


def test_every_kind_of_document_keeps_what_is_its_own(company):
    company.write(
        documents=HEADER
        + "D1,invoice,1,2025-01-01,A1,5.00,0,5.00,5.00,,,\n"
        + "D2,credit_note,2,2025-01-02,A1,5.00,0,5.00,0,D1,,\n"
        + "D3,supplier_invoice,3,2025-01-03,A1,5.00,0,5.00,0,,,\n"
        + "D4,sales_receipt,4,2025-01-04,A1,5.00,0,5.00,0,,CARD,1010\n"
        + "D5,refund,5,2025-01-05,A1,5.00,0,5.00,0,D4,CHEQUE,1010\n",
        lines="document,line,description,amount\n" + "".join(f"D{n},1,x,5.00\n" for n in range(1, 6)),
    )
    pulled = company.pull()
    assert not pulled.problems
    credit, supplier, receipt, refund = (record(pulled, f"D{n}") for n in (2, 3, 4, 5))
    assert isinstance(credit, CreditNote)
    assert credit.invoice == "D1"
    assert isinstance(supplier, SupplierInvoice)
    assert isinstance(receipt, SalesReceipt)
    assert (receipt.method, receipt.deposit_account) == ("CARD", "1010")
    assert isinstance(refund, Refund)
    assert (refund.invoice, refund.method) == ("D4", "CHEQUE")


def test_fees_discounts_and_rates_stay_with_what_they_are_of(company):
    company.write(
        documents="key,kind,number,date,account,currency,rate,rate_date,rate_source,subtotal,tax,total,balance\n"
        "D1,invoice,1,2025-01-01,A1,USD,1.3521,2024-12-31,Bank of Canada,5.00,0,5.00,5.00\n"
        "D2,invoice,2,2025-01-01,A1,CAD,,,,5.00,0,5.00,5.00\n",
        lines="document,line,description,amount\nD1,1,x,5.00\nD2,1,x,5.00\n",
        payments="key,date,account,currency,rate,amount,fee\nP1,2025-03-01,A1,USD,1.40,4.90,0.20\n",
        allocations="payment,invoice,amount,discount\nP1,D1,4.90,0.10\n",
    )
    pulled = company.pull()
    assert not pulled.problems
    assert record(pulled, "D1").exchange == ExchangeRate(
        rate=Decimal("1.3521"), date=date(2024, 12, 31), source="Bank of Canada"
    )
    assert record(pulled, "D2").exchange is None
    payment = record(pulled, "P1")
    assert (payment.exchange, payment.fee) == (ExchangeRate(rate=Decimal("1.40")), Decimal("0.20"))
    assert payment.allocations == (Allocation(invoice="D1", amount=Decimal("4.90"), discount=Decimal("0.10")),)


def test_lines_come_in_their_order_with_what_the_file_leaves_out(company):
    company.write(
        lines="document,line,description,amount,quantity,unit_price\n"
        "D1,2,,-20.00,2,-10.005\nD1,1,Dues,120.00,,\nD2,1,Book,20.00,3,\n"
    )
    pulled = company.pull()
    first, second = record(pulled, "D1").lines
    assert (first.key, first.number, first.quantity, first.unit_price) == ("D1/1", 1, 1, 120)
    assert (second.key, second.description, second.unit_price) == ("D1/2", "", Decimal("-10.005"))
    assert second.provenance.line == 2
    assert record(pulled, "D2").lines[0].unit_price == 0


def test_taxes_payments_entries_and_schedules_are_joined_to_their_records(company):
    company.write(
        taxes="code,rate,registration,sync_reference\nGST,5,RT1,2310\nQST,9.975,,2320\n",
        tax_groups="code,name,taxes,rounding\nQC,Québec,GST + QST,rounded_sum\nX,,,\n",
        document_taxes="document,tax,amount,base\nD1,QST,10.00,100.00\nD1,GST,5.00,100.00\n",
        payments=PAYMENTS,
        allocations="payment,invoice,amount\nP1,D1,30.00\nP1,D2,20.00\n",
        journal_entries="key,number,date,memo,invoice\nJ1,EJ-1,2025-01-31,Frais,D1\n",
        entry_lines="entry,line,gl_account,debit,credit,account\nJ1,1,5300,1.00,,\nJ1,2,1100,,1.00,A1\n",
        schedules="key,invoice,line,start,months,amount,deferred_account,revenue_account\n"
        "S1,D1,1,2025-01-01,12,60.00,2400,4100\n",
    )
    pulled = company.pull()
    assert not pulled.problems
    assert record(pulled, "D1").taxes == (
        DocumentTax(tax="QST", amount=Decimal(10), base=Decimal(100)),
        DocumentTax(tax="GST", amount=Decimal(5), base=Decimal(100)),
    )
    payment, entry = record(pulled, "P1"), record(pulled, "J1")
    assert isinstance(payment, Payment)
    assert payment.allocations == (
        Allocation(invoice="D1", amount=Decimal(30)),
        Allocation(invoice="D2", amount=Decimal(20)),
    )
    assert isinstance(entry, JournalEntry)
    assert (entry.invoice, entry.memo) == ("D1", "Frais")
    assert entry.lines == (
        EntryLine(account="5300", debit=Decimal(1)),
        EntryLine(account="1100", credit=Decimal(1), customer="A1"),
    )
    assert pulled.schedules == (
        RevenueSchedule(
            key="S1", invoice="D1", line=1, start=date(2025, 1, 1), months=12, amount=Decimal(60),
            deferred_account="2400", revenue_account="4100",
        ),
    )  # fmt: skip
    assert pulled.lists.taxes == (
        Tax(code="GST", name="GST", rate=Decimal(5), registration="RT1", sync_reference="2310"),
        Tax(code="QST", name="QST", rate=Decimal("9.975"), sync_reference="2320"),
    )
    assert pulled.lists.tax_groups == (
        TaxGroup(code="QC", name="Québec", taxes=("GST", "QST"), rounding=TaxRounding.ROUNDED_SUM),
        TaxGroup(code="X", name="X"),
    )
    assert [account.code for account in pulled.lists.accounts] == ["1100", "2400", "4100", "5300"]


def test_a_document_keeps_where_it_is_sent_and_a_payment_its_processors_number(company):
    header = HEADER.replace("invoice,", "email,invoice,")
    company.write(
        documents=header + "D1,invoice,F-1,2025-03-01,A1,50.00,0.00,50.00,50.00,tresor@ordre.ca,,,\n",
        lines="document,line,amount\nD1,1,50.00\n",
        payments="key,date,account,amount,confirmation\nP1,2025-03-01,A1,50.00,0042-77\n",
    )
    pulled = company.pull()
    assert (record(pulled, "D1").email, record(pulled, "P1").confirmation) == ("tresor@ordre.ca", "0042-77")


def test_a_code_that_is_used_and_not_listed_still_comes_to_the_lists(company):
    company.write(
        gl_accounts="code,name,type,active\n4100,Dues,income,no\n",
        items="code,name,gl_account\nBOOK,Guide,4500\n",
        methods="code,name\nCARD,Carte\n",
        lines="document,line,description,amount,item,gl_account,class\nD1,1,x,100.00,KIT,4999,EST\nD2,1,x,20,BOOK,,\n",
        payments="key,date,account,amount,method\nP1,2025-03-01,A1,50.00,CHEQUE\n",
    )
    lists = company.pull().lists
    assert lists.accounts == (
        LedgerAccount(code="4100", name="Dues", type="income", active=False),
        LedgerAccount(code="4500", name="4500"),
        LedgerAccount(code="4999", name="4999"),
    )
    assert lists.items == (Item(code="BOOK", name="Guide", account="4500"), Item(code="KIT", name="KIT"))
    assert lists.methods == (ListEntry(code="CARD", name="Carte"), ListEntry(code="CHEQUE", name="CHEQUE"))
    assert lists.classes == (ListEntry(code="EST", name="EST"),)


def test_amounts_have_the_decimals_of_their_documents_currency(company):
    company.write(
        documents="key,kind,number,date,account,subtotal,tax,total,balance,currency\n"
        "D1,invoice,1,2025-01-01,A1,5,0,5,5,JPY\nD2,invoice,2,2025-01-01,A1,5.125,0,5.125,0,TND\n",
        lines="document,line,description,amount\nD1,1,x,4.5\nD2,1,x,5.125\n",
    )
    pulled = company.pull()
    assert told(pulled) == [("too_many_decimals", "lines.csv", "2", "amount")]
    assert record(pulled, "D2").lines[0].amount == Decimal("5.125")


def test_the_companys_currency_stands_where_a_file_has_none(company):
    assert record(company.pull(currency="USD"), "D1").currency == "USD"


def test_a_key_that_comes_twice_is_told_on_both_rows_and_neither_is_trusted(company):
    company.write(documents=DOCUMENTS + "D1,invoice,F-3,2025-01-31,A1,1,0,1,1\n")
    pulled = company.pull()
    assert told(pulled) == [
        ("duplicate_key", "documents.csv", "2", "key"),
        ("duplicate_key", "documents.csv", "4", "key"),
    ]
    assert keys(pulled) == {"A1", "A2", "D2"}


def test_a_line_number_that_comes_twice_spoils_its_document(company):
    company.write(lines=LINES + "D1,2,Other,1.00\n")
    pulled = company.pull()
    assert [problem.key for problem in pulled.problems] == ["D1", "D1"]
    assert keys(pulled) == {"A1", "A2", "D2"}


def test_a_mistake_in_a_line_is_told_of_its_document_which_is_dropped(company):
    company.write(lines=LINES.replace("40.00", "forty"))
    pulled = company.pull()
    problem = pulled.problems[0]
    assert (problem.code, problem.kind, problem.key, problem.number) == ("not_an_amount", Kind.INVOICE, "D1", "F-1")
    assert (problem.provenance.place, problem.provenance.line) == ("lines.csv", 3)
    assert keys(pulled) == {"A1", "A2", "D2"}


def test_what_refers_to_a_dropped_record_is_dropped_and_told_down_the_whole_chain(company):
    company.write(
        accounts="key,name,parent\nA1,,\nA2,x,\nA3,x,A1\nA4,x,A3\n",
        payments=PAYMENTS.replace("A1", "A2"),
        allocations="payment,invoice,amount\nP1,D1,50.00\n",
    )
    pulled = company.pull()
    assert told(pulled) == [
        ("value_missing", "accounts.csv", "2", "name"),
        ("reference_unknown", "accounts.csv", "4", "parent"),
        ("reference_unknown", "accounts.csv", "5", "parent"),
        ("reference_unknown", "documents.csv", "2", "account"),
        ("reference_unknown", "allocations.csv", "2", "invoice"),
    ]
    assert keys(pulled) == {"A2", "D2"}


def test_parents_in_a_circle_are_well_formed(company):
    company.write(accounts="key,name,parent\nA1,x,A2\nA2,x,A1\n")
    assert not company.pull().problems


@pytest.mark.parametrize(
    ("name", "text", "column"),
    [
        ("lines", LINES + "D9,1,x,1.00\n", "document"),
        ("document_taxes", "document,tax,amount\nD1,PST,1.00\n", "tax"),
        ("lines", "document,line,description,amount,tax_group\nD1,1,x,1.00,ZZ\n", "tax_group"),
        ("tax_groups", "code,taxes\nQC,GST+QST\n", "taxes"),
        ("payments", "key,date,account,amount\nP1,2025-03-01,A9,1.00\n", "account"),
        ("allocations", "payment,invoice,amount\nP9,D1,1.00\n", "payment"),
        ("journal_entries", "key,date,invoice\nJ1,2025-03-01,D9\n", "invoice"),
    ],
)
def test_a_reference_to_what_no_file_holds_is_told(company, name, text, column):
    company.write(**{name: text})
    assert ("reference_unknown", f"{name}.csv", column) in {
        (code, file, c) for code, file, _, c in told(company.pull())
    }


def test_a_payment_pays_invoices_and_nothing_else(company):
    company.write(
        documents=DOCUMENTS.replace("D1,invoice", "D1,sales_receipt").replace("D2,invoice", "D2,supplier_invoice"),
        payments=PAYMENTS + "P2,2025-03-01,A2,20.00\n",
        allocations="payment,invoice,amount\nP1,D1,50.00\nP2,D2,20.00\n",
    )
    pulled = company.pull()
    assert told(pulled) == [("reference_unknown", "allocations.csv", "2", "invoice")]
    assert keys(pulled) >= {"D1", "D2", "P2"}
    assert "P1" not in keys(pulled)


@pytest.mark.parametrize("sides", [",", "0,0", "1.00,1.00", "-1.00,", "0,-1.00"])
def test_a_line_of_an_entry_is_a_debit_or_a_credit(company, sides):
    company.write(
        journal_entries="key,date\nJ1,2025-01-31\n",
        entry_lines=f"entry,line,gl_account,debit,credit\nJ1,1,5300,{sides}\nJ1,2,1010,,1.00\n",
    )
    pulled = company.pull()
    assert told(pulled) == [("debit_or_credit", "entry_lines.csv", "2", "debit")]
    assert "J1" not in keys(pulled)


@pytest.mark.parametrize(("line", "code"), [("3", "reference_unknown"), ("0", "not_an_amount")])
def test_a_schedule_is_of_a_line_that_is_there_and_spoils_no_invoice(company, line, code):
    company.write(
        schedules="key,invoice,line,start,months,amount,deferred_account,revenue_account\n"
        f"S1,D1,{line},2025-01-01,12,60.00,2400,4100\n"
    )
    pulled = company.pull()
    assert told(pulled) == [(code, "schedules.csv", "2", "line")]
    assert not pulled.schedules
    assert "D1" in keys(pulled)


@pytest.mark.parametrize(
    "torn",
    [
        'payment,invoice,amount\n"P1,D1,50.00\nP2,D2,20.00\n',
        "payment,invoice,amount\nP1,D1,50.00,,stray\nP2,D2,20.00\n",
        "payment,invoice,amount\nP0,D1,50.00\nP2,D2,20.00\n",
        "payment,invoice\nP1,D1\n",
        "",
    ],
)
def test_a_payment_that_may_have_lost_an_allocation_is_not_booked_on_account(company, torn):
    company.write(
        payments=PAYMENTS + "P2,2025-03-02,A2,20.00\nP3,2025-03-03,A2,0\n",
        allocations=torn,
    )
    pulled = company.pull()
    assert ("rows_unreadable", "payments.csv", "2", "") in told(pulled)
    assert "P1" not in keys(pulled)
    assert "P3" in keys(pulled)
    assert ("P2" in keys(pulled)) == ("P2,D2,20" in torn)


def test_documents_that_add_up_survive_a_line_nobody_can_place(company):
    company.write(lines=LINES.replace("D1,2,Meal", '"D1,2,Meal'))
    pulled = company.pull()
    assert told(pulled) == [("rows_unreadable", "documents.csv", "2", ""), ("quote_misplaced", "lines.csv", "3", "")]
    assert keys(pulled) == {"A1", "A2", "D2"}


def test_lines_missing_altogether_leave_no_document(company):
    (company.source / "lines.csv").unlink()
    pulled = company.pull()
    assert {code for code, *_ in told(pulled)} == {"file_missing", "rows_unreadable"}
    assert keys(pulled) == {"A1", "A2"}


def test_what_is_for_others_to_judge_comes_as_it_is(company):
    """Numbers that come twice, sums that do not add up and payments beyond the balance are well-formed."""
    company.write(
        documents=DOCUMENTS.replace("F-2", "F-1").replace("115.00,115.00", "999.00,-1.00"),
        payments=PAYMENTS,
        allocations="payment,invoice,amount\nP1,D1,5000.00\n",
    )
    pulled = company.pull()
    assert not pulled.problems
    assert {"D1", "D2", "P1"} <= keys(pulled)


def test_results_of_a_former_run_are_not_read_as_references(company):
    company.write(
        results="kind,key,number,status,sync_reference,ledger_number,reason,on\ninvoice,D1,F-1,completed,9,9,,\n"
    )
    assert record(company.pull(), "D1").sync_reference == ""


def test_origins_and_yes_no_have_defaults(company):
    document = record(company.pull(), "D1")
    assert (document.origin, document.sent, document.cancelled) == (Origin.MANUAL, True, False)


def test_currencies_are_told_before_amounts_and_references_name_tables():
    names = {table.name for table in TABLES}
    for position, table in enumerate(TABLES):
        order = [column.name for column in table.columns]
        amounts = [order.index(column.name) for column in table.columns if column.type == "amount"]
        for tells in ({"currency", table.owner} & set(order)) if amounts else ():
            assert order.index(tells) < min(amounts)
        assert {column.refers for column in table.columns} | {column.lists for column in table.columns} <= {*names, ""}
        if table.owner:
            assert table.column(table.owner).refers in {before.name for before in TABLES[:position]}
