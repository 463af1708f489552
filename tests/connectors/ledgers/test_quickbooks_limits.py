"""What QuickBooks Online would refuse for its length or its letters is refused by us, in Check, with its cell; what of
a company's preferences will hurt is said when we connect; classes stand where the company tracks them; and answers that
were recorded are read right (addendum of 2026-11-29, 10 and 11)."""

from contextlib import closing
from dataclasses import replace
from decimal import Decimal

import pytest

from addin.usecases.check import check
from addin.usecases.connect import connect
from addin.usecases.pull import pull
from addin.usecases.sync import sync
from connectors.conformance.making import Making, booked, post
from connectors.ledger import Posted, Rejected
from connectors.ledgers.quickbooks_online import aging, reading
from connectors.ledgers.quickbooks_online.connector import QuickBooksOnlineLedger
from connectors.ledgers.quickbooks_online.sandbox.company import Switches
from connectors.records import Kind
from tests.connectors.ledgers.quickbooks_harness import quickbooks
from tests.connectors.ledgers.quickbooks_many import Many
from tests.connectors.ledgers.test_quickbooks_engine import give
from workbook.file.file_book import FileBook
from workbook.layout import CLASS_MAP

TOO_LONG = {"first_name": 100, "last_name": 100, "email": 100, "phone": 21, "mobile": 21, "fax": 21, "website": 1000}


@pytest.fixture(params=["CA", "US"])
def harness(tmp_path, monkeypatch, request):
    with quickbooks(tmp_path, monkeypatch, request.param) as harness:
        yield harness


@pytest.fixture
def canadian(tmp_path, monkeypatch):
    with quickbooks(tmp_path, monkeypatch) as harness:
        yield harness


def opened(harness):
    ledger = harness.open()
    ledger.connect()
    return ledger, Making(harness, ledger.lists().home_currency, ledger)


@pytest.mark.parametrize("field", TOO_LONG)
def test_a_text_is_taken_as_long_as_the_vendor_takes_it_and_one_more_is_refused_by_us(canadian, field):
    """The stand-in answers 2050 to what is longer; nothing of it is sent."""
    ledger, make = opened(canadian)
    with closing(ledger):
        end = "@example.org" if field == "email" else ""
        longest = "5" * (TOO_LONG[field] - len(end)) + end
        booked(ledger, make.customer(**{field: longest}))
        posting = make.customer(**{field: "5" + longest})
        outcome = post(ledger, posting)[posting.key]
        assert isinstance(outcome, Rejected)
        assert (outcome.problem.code, outcome.problem.column) == ("text_too_long", field)
        assert outcome.problem.params["limit"] == str(TOO_LONG[field])


def test_a_new_customer_without_addresses_sends_none(canadian):
    ledger, make = opened(canadian)
    with closing(ledger):
        [reference] = booked(ledger, make.customer("Club"))
        [body] = canadian.query("Customer", f"Id = '{reference}'")
        assert "ShipAddr" not in body
        assert "BillAddr" not in body


@pytest.mark.parametrize(("letters", "taken"), [("Café ½ ÿ", True), ("L’été", False), ("Łódź", False)])
def test_a_company_of_the_united_states_is_sent_no_letter_that_it_cannot_keep(harness, letters, taken):
    """ISO-8859-1 alone (REST API features); elsewhere every letter is kept. A failure would leave a doubt."""
    ledger, make = opened(harness)
    with closing(ledger):
        posting = make.customer(letters)
        outcome = post(ledger, posting)[posting.key]
        if taken or harness.country == "CA":
            assert [body["DisplayName"] for body in harness.query("Customer")] == [letters]
        else:
            assert isinstance(outcome, Rejected)
            assert (outcome.problem.code, outcome.problem.column) == ("character_forbidden", "name")


@pytest.mark.parametrize("harness", ["US"], indirect=True)
def test_of_a_long_text_a_sentence_quotes_the_beginning(harness):
    ledger, make = opened(harness)
    with closing(ledger):
        posting = make.customer(notes="o" * 500 + "œ")
        problem = post(ledger, posting)[posting.key].problem
        assert (problem.code, problem.column, problem.params["characters"]) == ("character_forbidden", "notes", "œ")
        assert problem.params["value"] == "o" * 60 + "…"


@pytest.fixture
def many(tmp_path, monkeypatch):
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(QuickBooksOnlineLedger, "limits", ())
    with quickbooks(tmp_path, monkeypatch) as harness:
        association = Many(tmp_path, harness, invoices=1, customers=1, seed=1)
        association.set_up()
        yield association


def test_check_tells_a_text_that_is_too_long_at_its_cell(many):
    give(many, phone="514 555-0000, poste 1234")
    many.run(pull)
    [problem] = [each for each in many.run(check).problems if each.code == "text_too_long"]
    assert (problem.column, problem.place.sheet, problem.params["limit"]) == ("phone", "Accounts", "21")


# preferences


PREFERENCES = {
    "numbers_not_kept": ("SalesFormsPrefs", {"CustomTxnNumbers": False}),
    "sales_tax_off": ("TaxPrefs", {"UsingSalesTax": False}),
    "classes_off": ("AccountingInfoPrefs", {"ClassTrackingPerTxnLine": False}),
}


@pytest.mark.parametrize("code", PREFERENCES)
def test_connect_says_which_preference_will_hurt(many, code):
    """As notices: everything works, and whoever wants it so leaves it."""
    quiet = {problem.code for problem in many.run(connect).problems}
    assert quiet == {"books_closed", "one_currency"}
    section, values = PREFERENCES[code]
    many.harness.prefer(section, **values)
    report = many.run(connect)
    assert {problem.code for problem in report.problems} == quiet | {code}
    assert report.exit == 0


def test_connect_says_nothing_of_books_that_are_open_and_of_several_currencies(tmp_path, monkeypatch):
    with quickbooks(tmp_path, monkeypatch, currencies=True) as harness:
        del harness.sandbox.company().get("Preferences", "1")["AccountingInfoPrefs"]["BookCloseDate"]
        with harness.open() as ledger:
            assert ledger.connect().warnings == ()


# classes


def classed(make, customer, *classes):
    posting = make.invoice(customer, *["100.00"] * len(classes))
    lines = tuple(replace(line, ledger_class=each) for line, each in zip(posting.record.lines, classes, strict=True))
    return replace(posting, record=replace(posting.record, lines=lines))


@pytest.mark.parametrize(
    ("by_document", "by_line", "head", "lines"),
    [(False, True, None, ["1", "1"]), (True, False, "1", [None, None]), (True, True, None, ["1", "1"]),
     (False, False, None, [None, None])],
)  # fmt: skip
def test_a_class_stands_where_the_company_tracks_it_and_is_read_back(canadian, by_document, by_line, head, lines):
    canadian.make("Class", Name="Sport")
    tracked = {"ClassTrackingPerTxn": by_document, "ClassTrackingPerTxnLine": by_line}
    canadian.prefer("AccountingInfoPrefs", **tracked)
    ledger, make = opened(canadian)
    with closing(ledger):
        [customer] = booked(ledger, make.customer())
        wanted = "Sport" if by_document or by_line else ""
        booked(ledger, classed(make, customer, wanted, wanted))
        [body] = canadian.query("Invoice")
        sold = [line["SalesItemLineDetail"] for line in body["Line"] if "SalesItemLineDetail" in line]
        assert body.get("ClassRef", {}).get("value") == head
        assert [detail.get("ClassRef", {}).get("value") for detail in sold] == lines
        record, _ = reading.record("Invoice", body, ledger._books)
        assert [line.ledger_class for line in record.lines if line.ledger_item] == [wanted, wanted]


@pytest.mark.parametrize("classes", [("Sport", "Culture"), ("Sport", "")])
def test_a_document_of_one_class_takes_no_two(canadian, classes):
    for name in ("Sport", "Culture"):
        canadian.make("Class", Name=name)
    canadian.prefer("AccountingInfoPrefs", ClassTrackingPerTxn=True, ClassTrackingPerTxnLine=False)
    ledger, make = opened(canadian)
    with closing(ledger):
        [customer] = booked(ledger, make.customer())
        posting = classed(make, customer, *classes)
        assert post(ledger, posting)[posting.key].problem.code == "classes_of_one_document"
        assert canadian.query("Invoice") == []


# recorded answers


def read(harness, entity, body):
    ledger, _ = opened(harness)
    with closing(ledger):
        common = {"Id": "9", "TxnDate": "2024-03-15", "CustomerRef": {"value": "1"}, "VendorRef": {"value": "2"}}
        if entity == "Bill":
            common.pop("CustomerRef")
        return reading.record(entity, {**common, **body}, ledger._books)[0]


def test_a_tax_line_without_a_total_is_a_tax(canadian):
    detail = {"TaxLine": [{"Amount": Decimal("5.00")}, {"Amount": Decimal("9.98")}]}
    record = read(canadian, "Invoice", {"TotalAmt": Decimal("114.98"), "TxnTaxDetail": detail, "Line": []})
    assert (record.tax, record.subtotal) == (Decimal("14.98"), Decimal("100.00"))


def test_a_bundle_counts_with_its_own_amount(canadian):
    """Its inner lines do not come to the total; the group's amount does."""
    inner = [{"Amount": Decimal(70), "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {}}] * 2
    line = {"Id": "1", "LineNum": 1, "Amount": Decimal(100), "DetailType": "GroupLineDetail",
            "GroupLineDetail": {"GroupItemRef": {"value": "7"}, "Line": inner}}  # fmt: skip
    record = read(canadian, "Invoice", {"TotalAmt": Decimal(100), "Line": [line]})
    assert [each.amount for each in record.lines] == [Decimal(100)]


def test_a_line_of_a_bill_may_name_an_item_with_its_quantity_and_price(canadian):
    detail = {"ItemRef": {"value": "1"}, "Qty": Decimal(4), "UnitPrice": Decimal(25)}
    line = {"Id": "1", "LineNum": 1, "Amount": Decimal(100), "DetailType": "ItemBasedExpenseLineDetail",
            "ItemBasedExpenseLineDetail": detail}  # fmt: skip
    record = read(canadian, "Bill", {"TotalAmt": Decimal(100), "Line": [line]})
    assert record.kind is Kind.SUPPLIER_INVOICE
    assert [(each.ledger_item, each.quantity, each.unit_price) for each in record.lines] == [
        ("Membership", Decimal(4), Decimal(25)),
    ]  # fmt: skip


def test_a_row_of_the_ages_without_an_id_is_owed_all_the_same(canadian, monkeypatch):
    ledger, _ = opened(canadian)
    titles = ["", "Current", "1 - 30", "31 - 60", "61 - 90", "91 and over", "Total"]
    cells = [{"value": value} for value in ("Not specified", "", "12.50", "", "", "", "12.50")]
    row = {"type": "Data", "ColData": cells}
    report = {"Columns": {"Column": [{"ColTitle": title} for title in titles]}, "Rows": {"Row": [row]}}
    with closing(ledger):
        monkeypatch.setattr(ledger._api, "report", lambda name, _: report)
        [balance] = aging.receivables(ledger._api, canadian.day, ledger._books)
    assert (balance.customer, balance.name, balance.total) == ("", "Not specified", Decimal("12.50"))


# numbers that are taken, where the company lets duplicates pass (addendum, 7)


@pytest.fixture
def lenient(tmp_path, monkeypatch):
    with quickbooks(tmp_path, monkeypatch, switches=Switches(unique_numbers=False)) as harness:
        yield harness


def sent(ledger, posting):
    """As a run sends it: looked up first."""
    return ledger.find([posting]).get(posting.key) or post(ledger, posting)[posting.key]


@pytest.mark.parametrize("number", ["F-1", "Œ-1"])
def test_a_number_that_another_document_has_is_refused_by_us_where_the_company_would_let_it_pass(lenient, number):
    ledger, make = opened(lenient)
    with closing(ledger):
        [customer] = booked(ledger, make.customer())
        lenient.add_invoice(customer, Decimal("10.00"), number)
        outcome = sent(ledger, make.invoice(customer, number=number))
        assert isinstance(outcome, Rejected)
        assert (outcome.problem.code, outcome.problem.params["number"]) == ("number_taken", number)
        assert len(lenient.query("Invoice")) == 1


def test_what_is_void_or_of_another_kind_or_supplier_or_a_payment_takes_no_number(lenient):
    ledger, make = opened(lenient)
    with closing(ledger):
        customer, first, second = booked(ledger, make.customer(), make.customer("A", is_supplier=True),
                                         make.customer("B", is_supplier=True))  # fmt: skip
        lenient.void(*lenient.add_invoice(customer, Decimal("10.00"), "F-1").split(":"))
        lenient.add_credit(customer, Decimal("10.00"), "F-2")
        lenient.add_payment(customer, Decimal("10.00"), "R-1")
        bill = make.document(Kind.SUPPLIER_INVOICE, first, "100.00", number="B-1")
        payment = make.payment(customer, "10.00")
        payment = replace(payment, record=replace(payment.record, number="R-1"))
        for posting in (
            make.invoice(customer, number="F-1"), make.invoice(customer, number="F-2"), bill,
            make.document(Kind.SUPPLIER_INVOICE, second, "100.00", number="B-1"), payment,
        ):  # fmt: skip
            assert isinstance(sent(ledger, posting), Posted)
        again = make.document(Kind.SUPPLIER_INVOICE, first, "70.00", number="B-1")
        assert sent(ledger, again).problem.code == "number_taken"


def test_a_number_that_was_given_up_meanwhile_is_taken_no_more(lenient):
    ledger, make = opened(lenient)
    with closing(ledger):
        [customer] = booked(ledger, make.customer())
        there = lenient.add_invoice(customer, Decimal("10.00"), "F-1")
        posting = make.invoice(customer, number="F-1")
        assert ledger.find([posting]) == {}
        lenient.change_by_hand(there)
        assert isinstance(sent(ledger, posting), Posted)


def test_what_a_document_was_raised_for_may_have_a_class(many):
    """Lines without a class in the source: a row for each origin, which gives them one where a person chooses it."""
    sport = many.harness.make("Class", Name="Sport")["Id"]
    many.run(pull)
    book = FileBook(many.profile.workbook)
    assert "origin: membership" in [row.values["code"] for row in book.read(CLASS_MAP).rows]
    assert "class_not_mapped" not in [problem.code for problem in many.run(check).problems]
    book = FileBook(many.profile.workbook)
    book.write(CLASS_MAP, {("origin: membership",): {"ledger_code": "Sport"}})
    book.save()
    many.run(sync)
    [body] = many.harness.query("Invoice")
    assert body["Line"][0]["SalesItemLineDetail"]["ClassRef"]["value"] == sport


def test_what_has_no_class_chosen_leaves_without_one(many):
    many.harness.make("Class", Name="Sport")
    many.run(pull)
    many.run(sync)
    [body] = many.harness.query("Invoice")
    assert "ClassRef" not in body["Line"][0]["SalesItemLineDetail"]
