"""Tables read both ways: places in bodies, keys in texts, taxes per line, words of refusals, pages, and ages."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.aging import OpenItem, aged
from connectors.ledger import Posting
from connectors.records import CodeTax, Customer, DocumentTax, Invoice, InvoiceLine, Kind, Side
from connectors.rest.pages import numbered, sought
from connectors.wire.form import Codes, Field, Form
from connectors.wire.keys import JOINT, LINE_END, key_in, note, texts_in
from connectors.wire.parties import lines_of, street_of
from connectors.wire.paths import at, put, steps
from connectors.wire.reading import record_of
from connectors.wire.taxes import on_lines
from connectors.wire.texts import unsendable
from connectors.wire.words import UNMAPPED, Row, problem_in

DAY = date(2025, 3, 15)
TEXT = st.text(
    st.characters(exclude_characters=f"[]{JOINT.strip()}{LINE_END}", exclude_categories=("C", "Z")), max_size=30
)
KEY = st.text(st.characters(categories=("Ll", "Nd")), min_size=1, max_size=28)


def test_a_place_is_made_with_what_leads_to_it_and_found_again() -> None:
    body: dict[str, object] = {}
    put(body, "Contact.ContactID", "c")
    put(body, "Phones[PhoneType=FAX].PhoneNumber", "1")
    put(body, "Phones[PhoneType=MOBILE].PhoneNumber", "2")
    put(body, "Phones[PhoneType=FAX].PhoneAreaCode", "418")
    assert body == {
        "Contact": {"ContactID": "c"},
        "Phones": [{"PhoneType": "FAX", "PhoneNumber": "1", "PhoneAreaCode": "418"},
                   {"PhoneType": "MOBILE", "PhoneNumber": "2"}],
    }  # fmt: skip
    assert at(body, "Phones[PhoneType=MOBILE].PhoneNumber") == "2"
    assert at(body, "Phones[PhoneType=DDI].PhoneNumber") is None
    assert at({"Phones": None}, "Phones[PhoneType=DDI].PhoneNumber") is None
    assert at({"Contact": "text"}, "Contact.ContactID") is None


def test_what_is_no_path_is_told() -> None:
    with pytest.raises(ValueError, match="no path"):
        list(steps("[x]"))


@given(TEXT, TEXT, KEY)
def test_a_note_gives_back_its_texts_and_key(number: str, memo: str, key: str) -> None:
    told = note((number, memo), key, 255)
    assert key_in(told) == key
    assert texts_in(told, 2) == (number.strip(), memo.strip())


@given(st.text(max_size=400), KEY, st.integers(40, 255))
def test_a_note_is_of_one_line_no_longer_than_it_may_be_and_keeps_its_key(text: str, key: str, most: int) -> None:
    told = note((text,), key, most)
    assert len(told) <= most
    assert len(told.splitlines()) == 1
    assert key_in(told) == key


def test_line_ends_of_a_note_come_back() -> None:
    assert texts_in(note(("Note de\nla cliente",), "k", 255), 1) == ("Note de\nla cliente",)


@pytest.mark.parametrize("text", ["", "MAIN-7", "a [b c]", "[k] and more", None, "]"])
def test_a_text_of_a_person_has_no_key(text: str | None) -> None:
    assert key_in(text) == ""
    assert texts_in(text, 2)[0] == (text or "").strip()


CODES = Codes(tables={"accounts": {"4100": "id-4100", "": "id-default"}})
FORM = Form(
    kind=Kind.INVOICE, entity="Bills", id="Id", lines="Rows",
    fields=(
        Field(wire="Kind", always="SALE"),
        Field(wire="No", ours="number"),
        Field(wire="On", ours="date"),
        Field(wire="Party.Id", ours="customer"),
        Field(wire="Note", ours="memo", keyed=True, most=40),
        Field(wire="Sum", ours="total", way="back"),
        Field(wire="Paid", ours="cancelled", there=lambda value: "yes" if value else ""),
    ),
    line=(Field(wire="Text", ours="description"), Field(wire="Amount", ours="amount"),
          Field(wire="Account", ours="ledger_account", listed="accounts")),
)  # fmt: skip


def invoice(**fields: object) -> Posting:
    line = InvoiceLine(key="1", number=1, description="Dues", amount=Decimal("100.00"), ledger_account="4100")
    told = {"key": "i", "number": " N-1 ", "date": DAY, "customer": "c", "currency": "CAD", "lines": (line,),
            "subtotal": Decimal(100), "tax": Decimal(0), "total": Decimal(100), "memo": "Mars", **fields}  # fmt: skip
    return Posting(key="k-1", record=Invoice(**told), customer="C7")  # type: ignore[arg-type]


def test_a_table_is_written_and_read() -> None:
    body = FORM.body(invoice(), CODES)
    assert body == {
        "Kind": "SALE", "No": "N-1", "On": "2025-03-15", "Party": {"Id": "C7"}, "Note": "Mars [k-1]",
        "Rows": [{"Text": "Dues", "Amount": Decimal("100.00"), "Account": "id-4100"}],
    }  # fmt: skip
    values, told = FORM.read({**body, "Sum": 100}, CODES)
    assert {"number", "date", "customer", "memo", "total", "lines"} <= told
    record = record_of(Kind.INVOICE, "Bill:9", values)
    assert isinstance(record, Invoice)
    assert (record.key, record.number, record.date, record.customer) == ("Bill:9", "N-1", DAY, "C7")
    assert (record.memo, record.total, record.lines[0].ledger_account) == ("Mars", Decimal(100), "4100")


def test_what_is_empty_is_not_sent_and_a_code_of_no_name_may_stand_for_something() -> None:
    line = InvoiceLine(key="1", number=1, description="", amount=Decimal(5))
    body = FORM.body(invoice(number="", lines=(line,)), CODES)
    assert "No" not in body
    assert body["Rows"] == [{"Amount": Decimal(5), "Account": "id-default"}]


def test_a_text_that_may_have_lost_its_end_is_not_told() -> None:
    body = FORM.body(invoice(memo="m" * 100), CODES)
    assert len(body["Note"]) == 40
    assert "memo" not in FORM.read(body, CODES)[1]


@pytest.mark.parametrize(
    ("fields", "line"), [((Field(wire="x", ours="colour"),), ()), ((), (Field(wire="x", ours="hue"),))]
)
def test_a_table_that_names_no_field_of_ours_is_not_made(fields: tuple[Field, ...], line: tuple[Field, ...]) -> None:
    with pytest.raises(AttributeError):
        Form(kind=Kind.INVOICE, entity="", id="", fields=fields, line=line)


def test_addresses_are_read_by_their_parts() -> None:
    form = Form(kind=Kind.CUSTOMER, entity="", id="", fields=(Field(wire="Name", ours="name"),
                                                              Field(wire="City", ours="billing.city")))  # fmt: skip
    values, told = form.read({"Name": "A", "City": "Bic"}, Codes())
    record = record_of(Kind.CUSTOMER, "1", values)
    assert isinstance(record, Customer)
    assert (record.billing.city, told) == ("Bic", {"name", "billing"})


@given(st.text(max_size=60))
def test_a_street_has_as_many_lines_as_there_are_places_and_loses_no_word(street: str) -> None:
    told = lines_of(street, ("A", "B"))
    assert set(told) == {"A", "B"}
    assert street_of(told, ("A", "B")).split() == street.split()


GST = CodeTax(name="GST", percent=Decimal(5), side=Side.SALES)
AMOUNTS = st.decimals(-1000, 1000, places=2)


@given(st.lists(st.tuples(AMOUNTS, st.booleans(), AMOUNTS), min_size=1, max_size=5), AMOUNTS)
def test_the_taxes_of_lines_come_to_the_documents_and_none_is_on_a_line_that_bears_none(
    rows: list[tuple[Decimal, bool, Decimal]], tax: Decimal
) -> None:
    lines = tuple(
        InvoiceLine(
            key=str(n), number=n, description="x", amount=amount, tax_amount=own, ledger_tax="T" if taxed else ""
        )
        for n, (amount, taxed, own) in enumerate(rows, 1)
    )
    document = Invoice(key="i", date=DAY, customer="c", currency="CAD", lines=lines, subtotal=Decimal(0), tax=tax,
                       total=tax, taxes=(DocumentTax(tax="GST", amount=tax),))  # fmt: skip
    parts = on_lines(document, lambda code: (GST,) if code else ())
    assert not any(part for part, (_, taxed, _) in zip(parts, rows, strict=True) if not taxed)
    if any(taxed for _, taxed, _ in rows):
        assert sum(parts) == tax


def test_the_sources_own_taxes_of_lines_stand_where_they_come_to_the_whole() -> None:
    lines = tuple(InvoiceLine(key=str(n), number=n, description="x", amount=Decimal("33.33"), ledger_tax="T",
                              tax_amount=Decimal(own)) for n, own in enumerate(("1.66", "1.68"), 1))  # fmt: skip
    record = Invoice(key="i", date=DAY, customer="c", currency="CAD", lines=lines, subtotal=Decimal("66.66"),
                     tax=Decimal("3.34"), total=Decimal(70))  # fmt: skip
    assert on_lines(record, lambda _: (GST,)) == (Decimal("1.66"), Decimal("1.68"))


def test_words_are_looked_for_in_order_and_tell_what_they_name() -> None:
    table = (Row(pattern=r"code '(?P<code>\w+)'", problem="not_in_ledger"), Row(pattern="code", problem="ledger_busy"),
             Row(pattern="", problem="no_lines", code="7"))  # fmt: skip
    assert problem_in(table, "Account CODE 'A1'") == ("not_in_ledger", {"code": "A1"})
    assert problem_in(table, "any code") == ("ledger_busy", {})
    assert problem_in(table, "?", "7") == ("no_lines", {})
    assert problem_in(table, "?") == (UNMAPPED, {})


def test_what_no_xml_holds_is_found() -> None:
    assert unsendable("a\x01\n\t\ud800") == {"\x01", "\ud800"}


@pytest.mark.parametrize("tells", [True, False])
def test_pages_are_asked_for_until_the_last(tells: bool) -> None:
    pages = {1: [{"id": 1}, {"id": 2}], 2: [{"id": 3}]}
    asked = []

    def ask(page: int):
        asked.append(page)
        return pages.get(page, []), 2 if tells else None

    assert [row["id"] for row in numbered(ask)] == [1, 2, 3]
    assert asked == ([1, 2] if tells else [1, 2, 3])


def test_what_moves_while_it_is_read_is_told_once_and_not_lost() -> None:
    """A row that is changed while pages are read moves to the end; it was on the second page before."""
    rows = [(second, name) for second, name in enumerate("abcdef")]
    moved = []

    def ask(start: str):
        found = [{"at": str(second), "id": name} for second, name in sorted(rows) if str(second) >= start][:2]
        if not moved and start > "0":
            moved.append(rows.remove((3, "d")))
            rows.append((9, "d"))
        return found

    names = [row["id"] for row in sought(ask, lambda row: row["at"], "0", lambda row: row["id"])]
    assert sorted(names) == list("abcdef")


def item(amount: str, due: int, *taken: tuple[int, str], party: str = "p") -> OpenItem:
    parts = tuple((DAY + timedelta(days), Decimal(part)) for days, part in taken)
    return OpenItem(party=party, name="P", on=DAY, due=DAY + timedelta(due), amount=Decimal(amount), taken=parts)


def test_what_is_owed_is_aged_by_its_due_date_and_a_credit_is_current() -> None:
    items = [item("100", 0), item("50", -31), item("-30", -200), item("20", -90), item("10", -91)]
    [one] = aged(items, DAY)
    assert (one.current, one.days_30, one.days_60, one.days_90, one.older) == (70, 0, 50, 20, 10)


def test_what_was_taken_after_the_day_was_open_then() -> None:
    items = [item("100", 0, (1, "60"), (2, "40"))]
    assert [[each.total for each in aged(items, DAY + timedelta(days))] for days in (-1, 0, 1, 2)] == [
        [],
        [100],
        [40],
        [],
    ]


def test_a_party_whose_credits_even_out_in_another_age_is_still_listed() -> None:
    assert [each.total for each in aged([item("100", -40), item("-100", 0)], DAY)] == [0]
