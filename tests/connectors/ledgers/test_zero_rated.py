"""Zero-rated is a tax of 0 % in Tryton, which its tax reports count, and exempt is none; no two share a tax code."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

from addin.sync.checks import tax_doubts
from connectors.ledger import Posting
from connectors.ledgers.tryton import mapping as tryton
from connectors.ledgers.tryton.books import Party
from connectors.ledgers.tryton.checks import Known, refused
from connectors.ledgers.tryton.moves import move
from connectors.records import InvoiceLine, Kind, SalesReceipt, TaxCategory
from tests.connectors.ledgers.field_maps import full
from tests.connectors.ledgers.test_field_maps import TRYTON_BOOKS

ZERO_RATE = 3
PARTY = Party(1, "5", 1)


def sold(kind: Kind, category: TaxCategory) -> Posting:
    posting = full(kind)
    lines = tuple(replace(line, tax_category=category) for line in posting.record.lines)
    return replace(posting, record=replace(posting.record, lines=lines))


def test_a_zero_rated_line_bears_the_tax_of_zero_and_an_exempt_one_none():
    def taxes(category: TaxCategory) -> list[object]:
        posting = sold(Kind.INVOICE, category)
        values = tryton.invoice(posting, posting.record, TRYTON_BOOKS, PARTY, date(2024, 3, 15), None)
        return [line["taxes"] for line in values["lines"][0][1]]

    assert taxes(TaxCategory.ZERO_RATED) == [[["add", [ZERO_RATE]]]]
    assert taxes(TaxCategory.EXEMPT) == taxes(TaxCategory.OUT_OF_SCOPE) == [[]]


def test_so_does_a_sale_that_is_a_move():
    def bases(category: TaxCategory) -> list[tuple[object, ...]]:
        posting = sold(Kind.SALES_RECEIPT, category)
        assert isinstance(posting.record, SalesReceipt)
        values = move(posting, posting.record, TRYTON_BOOKS, {}, [])
        made = [row for line in values["lines"][0][1] for each in line["tax_lines"] for row in each[1]]
        return [(row["tax"], row["type"], row["amount"]) for row in made if row["tax"] == ZERO_RATE]

    assert bases(TaxCategory.ZERO_RATED) == [(ZERO_RATE, "base", Decimal(100))]
    assert bases(TaxCategory.EXEMPT) == []


def test_without_a_tax_of_zero_it_is_refused_with_the_amount():
    books = replace(TRYTON_BOOKS, taxes=TRYTON_BOOKS.taxes[:1])
    known = Known(parties={"5": PARTY}, targets={}, numbers=())
    problem = refused(sold(Kind.INVOICE, TaxCategory.ZERO_RATED), books, known)
    assert (problem.code, dict(problem.params)) == ("zero_rated_tax_missing", {"base": "100"})
    assert refused(sold(Kind.INVOICE, TaxCategory.EXEMPT), books, known) is None


def test_two_categories_under_one_tax_code_are_refused(monkeypatch):
    monkeypatch.setattr(tax_doubts, "resolved", lambda _, __, line: line)
    groups = {"Zero": {TaxCategory.ZERO_RATED: "ZR", TaxCategory.EXEMPT: "EX"}, "Out": {TaxCategory.OUT_OF_SCOPE: "OS"}}
    lines = [InvoiceLine(key=str(n), number=n, description="x", amount=Decimal(1), tax_group=group, ledger_tax=code,
                         tax_category=category)
             for n, (group, code, category) in enumerate((
                 ("ZR", "Zero", TaxCategory.ZERO_RATED), ("OS", "Out", TaxCategory.OUT_OF_SCOPE)), 1)]  # fmt: skip
    record = replace(full(Kind.INVOICE).record, lines=tuple(lines))
    [problem] = tax_doubts._sharing(SimpleNamespace(), record, groups)
    assert problem.code == "tax_categories_share_code"
    assert dict(problem.params) == {"line": "1", "code": "Zero", "group": "ZR", "others": "EX"}
