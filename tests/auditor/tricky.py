"""The tricky book: every kind of document in every life that the rules of the books tell of, a chapter for each rule.

Keys of a chapter begin with its name, so that all chapters together are one source.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.auditor.source import amount
from tests.auditor.writing import Writer


def sales(w: Writer) -> None:
    """What every ledger takes: sales of every tax group, part payments, credits, refunds, receipts, entries."""
    club, house, shop = w.party(), w.party(), w.party()
    for group in ("QC", "ON", "ATL", "EXEMPT"):
        key = w.invoice(club, "2024-02-10", ("4200", "225.00"), ("4500", "33.33"), group=group)
        w.payment(club, "2024-03-01", "100.00", {key: "100.00"})
    three = [w.invoice(house, f"2024-0{month}-15", ("4100", "150.50")) for month in (3, 4, 5)]
    w.payment(house, "2024-06-01", "600.00", {key: w.total(key) for key in three})  # over three, the rest on account
    discounted = w.invoice(shop, "2024-07-02", ("4500", "200.00"), ("4500", "-20.00"))
    w.document("credit_note", shop, "2024-07-20", ("4500", "80.00"), invoice=discounted)  # in part
    w.payment(shop, "2024-08-01", "114.97", {discounted: "114.97"})
    paid = w.invoice(shop, "2024-08-10", ("4300", "500.00"))
    w.payment(shop, "2024-08-11", w.total(paid), {paid: w.total(paid)}, method="CARD")
    w.document("credit_note", shop, "2024-09-10", ("4300", "500.00"), invoice=paid)  # after it was paid: on account
    w.document("credit_note", club, "2024-09-11", ("4400", "10.00"), group="EXEMPT")  # for no invoice
    w.document("sales_receipt", club, "2024-09-12", ("4200", "40.00"), method="CARD")
    w.document("sales_receipt", house, "2024-09-12", ("4500", "9.99"), deposit_account="1010", method="TRANSFER")
    given = w.invoice(house, "2024-10-01", ("4200", "60.00"))
    w.payment(house, "2024-10-02", w.total(given), {given: w.total(given)})
    w.document("refund", house, "2024-10-09", ("4200", "60.00"), invoice=given, deposit_account="1010", method="CHEQUE")
    w.payment(club, "2024-11-01", "55.55")  # on account
    w.entry("2024-12-31", ("5300", "12.50", "0", ""), ("1010", "0", "12.50", ""))
    cents = w.invoice(club, "2024-12-31", ("4500", "0.07"), ("4500", "0.07"), ("4500", "0.07"))
    w.payment(club, "2025-01-02", w.total(cents), {cents: w.total(cents)})


def disbursements(w: Writer) -> None:
    """Rule 1: a payment to a supplier is a disbursement, whatever says so; what it pays is a bill."""
    press, hall, both = w.party(is_supplier="yes"), w.party(is_supplier="yes"), w.party(is_supplier="yes")
    from_bank = {"deposit_account": "1010", "method": "CHEQUE"}
    paid = w.document("supplier_invoice", press, "2024-02-01", ("5100", "300.00"))
    w.payment(press, "2024-02-20", w.total(paid), {paid: w.total(paid)}, **from_bank)  # by what it pays
    w.payment(press, "2024-03-01", "50.00", **from_bank)  # on account with a supplier: by its party
    parts = w.document("supplier_invoice", hall, "2024-03-05", ("5200", "1000.00"), ("5400", "200.00"))
    w.payment(hall, "2024-04-05", "400.00", {parts: "400.00"}, kind="paid", **from_bank)  # in part, and told
    other = w.document("supplier_invoice", hall, "2024-04-10", ("5200", "100.00"), group="ON")
    w.payment(hall, "2024-05-01", "513.00", {parts: "400.00", other: "113.00"}, deposit_account="1010",
              method="TRANSFER")  # two bills  # fmt: skip
    w.document("supplier_invoice", both, "2024-06-01", ("5100", "20.00"))  # stays unpaid
    w.payment(hall, "2024-06-02", "5000.00", {other: "5000.00"}, **from_bank)  # beyond what is open: refused


def vendor_credits(w: Writer) -> None:
    """Rule 1: what a supplier takes off its bill, applied to it or left on account; never beyond the bill."""
    press = w.party(is_supplier="yes")
    bill = w.document("supplier_invoice", press, "2024-02-01", ("5100", "300.00"))
    w.document("vendor_credit", press, "2024-02-10", ("5100", "100.00"), invoice=bill)
    w.payment(press, "2024-02-20", "229.95", {bill: "229.95"}, kind="paid", deposit_account="1010")
    w.document("vendor_credit", press, "2024-03-10", ("5100", "12.00"))
    small = w.document("supplier_invoice", press, "2024-04-01", ("5100", "10.00"))
    w.document("vendor_credit", press, "2024-04-10", ("5100", "30.00"), invoice=small)  # 34.49 on 11.50: refused


def either_way(w: Writer) -> None:
    """Rule 1: money of a party that buys and sells, and nothing that says which way it went, is refused."""
    both = w.party()
    w.invoice(both, "2024-02-01", ("4500", "40.00"))
    w.document("supplier_invoice", both, "2024-02-02", ("5100", "30.00"))
    w.payment(both, "2024-02-03", "10.00")
    w.payment(both, "2024-02-04", "10.00", kind="received")
    w.payment(both, "2024-02-05", "10.00", kind="paid", deposit_account="1010")


def money(w: Writer) -> None:
    """Rule 2: revenue follows money that was received, and goes back with it."""

    def dues(on: str = "2024-01-10", net: str = "1200.00") -> tuple[str, str]:
        party = w.party()
        return party, w.dues(party, on, net, "2024-01-01", 12)

    party, paid = dues()
    w.payment(party, "2024-01-20", w.total(paid), {paid: w.total(paid)})  # in full: a month at a time
    dues()  # never paid: nothing
    party, credited = dues()
    w.document("credit_note", party, "2024-02-01", ("2400", "1200.00"), invoice=credited)  # balance 0, and no money
    party, half = dues()
    w.payment(party, "2024-02-15", "600.00", {half: "600.00"})  # in part: nothing, or half by setting
    party, late = dues()
    w.payment(party, "2024-05-15", "600.00", {late: "600.00"})
    w.payment(party, "2024-08-15", "779.70", {late: "779.70"})  # in full only then
    party, stopped = dues()
    w.payment(party, "2024-01-20", w.total(stopped), {stopped: w.total(stopped)})
    w.document("credit_note", party, "2024-06-20", ("2400", "1200.00"), invoice=stopped)  # cancelled, all of it
    party, back = dues()
    w.payment(party, "2024-01-20", w.total(back), {back: w.total(back)})
    w.document("refund", party, "2024-07-20", ("2400", "1200.00"), invoice=back, deposit_account="1010")
    party, coded = dues()
    w.document("credit_note", party, "2024-03-01", ("4100", "1200.00"), invoice=coded)  # on revenue itself
    party, halves = dues()
    for month in ("03", "04"):  # on revenue, by halves
        w.document("credit_note", party, f"2024-{month}-01", ("4100", "600.00"), invoice=halves)
    party, void = dues()
    w.row("documents", void)["cancelled"] = "yes"


def returned(w: Writer) -> None:
    """Rules 2 and 5: a payment that the bank returned reopens its invoice, with its fee, and takes revenue back."""
    party = w.party()
    dues = w.dues(party, "2024-01-10", "1200.00", "2024-01-01", 12)
    cheque = w.payment(party, "2024-01-20", w.total(dues), {dues: w.total(dues)}, deposit_account="1010")
    w.payment(party, "2024-04-10", w.total(dues), kind="returned", payment=cheque, fee="45.00")
    plain = w.invoice(party, "2024-05-01", ("4200", "100.00"))
    cheque = w.payment(party, "2024-05-02", w.total(plain), {plain: w.total(plain)}, deposit_account="1010")
    w.payment(party, "2024-05-09", w.total(plain), kind="returned", payment=cheque)
    w.payment(party, "2024-06-01", w.total(plain), {plain: w.total(plain)})  # paid again
    w.payment(party, "2024-06-09", w.total(plain), kind="returned", payment=cheque)  # returned twice: refused


def schedules(w: Writer) -> None:
    """Rule 3: a schedule is its line; instalments sum to it; a month is never booked twice nor before its day."""

    def paid(on: str, net: str, start: str, months: int, money: str, **spread: str) -> str:
        party = w.party()
        key = w.dues(party, on, net, start, months, **spread)
        w.payment(party, money, w.total(key), {key: w.total(key)})
        return key

    paid("2024-02-01", "100.00", "2024-02-01", 12, "2024-02-02")  # 8.33 and 8.34
    paid("2024-02-01", "0.05", "2024-02-01", 12, "2024-02-02")  # months of nothing
    paid("2024-02-01", "1000.00", "2024-01-31", 7, "2024-02-02")  # the last day of every month
    paid("2024-06-15", "600.00", "2024-03-01", 12, "2024-06-20")  # billed late: what was before comes at once
    paid("2024-02-01", "600.00", "2024-02-01", 6, "2025-03-03")  # paid when all was over: one entry
    paid("2024-01-15", "600.00", "2023-10-01", 12, "2024-01-20")  # months of a closed year
    paid("2024-02-01", "500.00", "2024-02-01", 10, "2024-02-02", amount="600.00")  # more than its line
    paid("2024-02-01", "500.00", "2024-02-01", 10, "2024-02-02", amount="400.00")  # less than its line
    twice = paid("2024-02-01", "500.00", "2024-02-01", 10, "2024-02-02")
    w.schedule(twice, "500.00", "2024-02-01", 5)  # two on one line
    two = w.party()
    key = w.invoice(two, "2024-02-01", ("2400", "120.00"), ("2400", "60.00"))
    w.schedule(key, "120.00", "2024-02-01", 12)
    w.schedule(key, "60.00", "2024-02-01", 6, line="2")  # two lines of one invoice, in the same months
    w.payment(two, "2024-02-02", w.total(key), {key: w.total(key)})


def names_of_taxes(w: Writer) -> None:
    """Rule 4: each tax under the name that the source gives it, or refused; never shared out by the group."""
    party = w.party()
    for group, taxes in {
        "QC": {"GST": "5.00", "QST": "9.98"},  # as the group says
        "ON": {"HST13": "13.00"},
        "ATL": {"HST15": "15.00"},
    }.items():
        w.invoice(party, "2024-02-01", ("4200", "100.00"), group=group, **taxes)
    w.invoice(party, "2024-02-02", ("4200", "100.00"), GST="5.00")  # GST alone on GST and QST
    w.invoice(party, "2024-02-03", ("4200", "100.00"), group="ON", QST="9.98")  # QST in Ontario
    w.invoice(party, "2024-02-04", ("4200", "100.00"), GST="9.98", QST="5.00")  # the two exchanged
    w.invoice(party, "2024-02-05", ("4200", "100.00"), group="EXEMPT", GST="5.00")  # taxed, and exempt
    w.invoice(party, "2024-02-06", ("4200", "100.00"), GST="5.01", QST="9.97")  # a cent, as they rounded it
    w.invoice(party, "2024-02-06", ("4200", "0.10"), GST="0.01")  # QST of a cent left out: GST it is
    w.invoice(party, "2024-02-06", ("4200", "38.47"), ("4200", "50.13"), group="ON,QC",
              HST13="5.01", GST="2.51", QST="4.99")  # HST and QST of one size, each a cent off  # fmt: skip
    w.invoice(party, "2024-02-06", ("4200", "100.00"), group="", GST="5.00")  # of no group
    pays_none = w.party(tax_exempt="yes", exempt_reason="resale")
    w.invoice(pays_none, "2024-02-07", ("4200", "100.00"), group="EXEMPT")
    supplier = w.party(is_supplier="yes")
    w.document("supplier_invoice", supplier, "2024-02-08", ("5100", "100.00"))
    w.document("supplier_invoice", supplier, "2024-05-08", ("5100", "100.00"), group="ON")
    w.document("credit_note", party, "2024-05-09", ("4200", "10.00"))


def refusals(w: Writer) -> None:
    """Rule 5: what a ledger refuses, every book refuses."""

    def billed() -> tuple[str, str]:
        party = w.party()
        return party, w.invoice(party, "2024-02-01", ("4200", "100.00"))

    party, key = billed()
    w.document("credit_note", party, "2024-02-05", ("4200", "50.00"), invoice=key)
    w.payment(party, "2024-02-10", "114.98", {key: "114.98"})  # paid in full after a credit
    party, key = billed()
    w.document("credit_note", party, "2024-02-05", ("4200", "300.00"), invoice=key)  # 344.93 on 114.98
    party, key = billed()
    w.document("credit_note", party, "2024-02-05", ("4200", "70.00"), invoice=key)
    w.document("credit_note", party, "2024-02-06", ("4200", "70.00"), invoice=key)  # two together
    party, key = billed()
    w.payment(party, "2024-02-10", "-20.00")  # negative, and no return
    w.payment(party, "2024-02-11", "200.00", {key: "200.00"})  # over-paid
    w.payment(party, "2024-02-12", "10.00", {key: "20.00"})  # shared out beyond its amount
    w.payment(w.party(), "2024-02-13", "10.00", {key: "10.00"})  # of a stranger
    w.entry("2024-02-14", ("1100", "10.00", "0", ""), ("4500", "0", "10.00", ""))  # a receivable of nobody
    w.entry("2024-02-14", ("1100", "10.00", "0", party), ("4500", "0", "10.00", ""))  # of somebody
    w.entry("2024-02-15", ("5300", "10.00", "0", ""), ("1010", "0", "9.00", ""))  # unbalanced
    closed = w.invoice(party, "2023-12-15", ("4200", "100.00"))  # in a closed year
    w.payment(party, "2024-01-02", "114.98", {closed: "114.98"})  # of what is not there
    wrong = w.invoice(party, "2024-02-16", ("4200", "100.00"))
    w.row("documents", wrong)["total"] = "115.98"  # does not add up
    draft = w.invoice(party, "2024-02-17", ("4200", "100.00"), sent="no")
    w.document("credit_note", party, "2024-02-18", ("4200", "100.00"), invoice=draft)


def family(w: Writer) -> None:
    """Rule 6: a parent may pay its child's invoice, and money on account stays the payer's."""
    parent = w.party()
    child = w.party(parent=parent)
    key = w.invoice(child, "2024-02-01", ("4200", "100.00"))
    w.payment(parent, "2024-02-10", "150.00", {key: "114.98"})


def foreign(w: Writer) -> None:
    """Rule 8: without a rate a foreign currency is refused by every ledger."""
    party = w.party()
    w.invoice(party, "2024-02-01", ("4200", "100.00"), currency="USD")
    w.invoice(party, "2024-02-01", ("4200", "100.00"))


def methods(w: Writer) -> None:
    """Rule 7: the method decides on the account: cards to clearing, transfers to the bank, cheques undeposited."""
    party = w.party()
    for method in ("CARD", "TRANSFER", "CHEQUE"):
        key = w.invoice(party, "2024-02-01", ("4200", "100.00"))
        w.payment(party, "2024-02-02", w.total(key), {key: w.total(key)}, method=method)
        w.document("sales_receipt", party, "2024-02-03", ("4200", "20.00"), method=method)
        w.document("refund", party, "2024-02-04", ("4200", "10.00"), method=method, invoice=key)


def beside(w: Writer) -> None:
    """Rule 7: a fee stands beside its payment, and what is taken off for paying early settles without money or tax."""

    def billed(net: str = "100.00", on: str = "2024-02-01") -> tuple[str, str]:
        party = w.party()
        return party, w.invoice(party, on, ("4200", net))

    party, key = billed()
    w.payment(party, "2024-02-02", w.total(key), {key: w.total(key)}, method="CARD", fee="2.90")
    w.payment(party, "2024-02-03", "50.00", fee="0.30")  # on account
    party, key = billed()
    early = w.payment(party, "2024-02-05", "112.98")
    w.allocate(early, key, "112.98", discount="2.00")
    party, key = billed("200.00")
    early = w.payment(party, "2024-02-05", "100.00", fee="1.00")
    w.allocate(early, key, "100.00", discount="2.00")  # a part of it, and a fee
    w.payment(party, "2024-03-05", "127.95", {key: "127.95"})
    party, key = billed()
    much = w.payment(party, "2024-02-05", "114.00", fee="5.00")
    w.allocate(much, key, "114.00", discount="1.00")  # beyond what is open: refused, and its fee with it
    party = w.party()
    dues = w.dues(party, "2024-01-10", "1200.00", "2024-01-01", 12)
    early = w.payment(party, "2024-01-20", "1355.70")
    w.allocate(early, dues, "1355.70", discount="24.00")  # paid in full, less the discount
    closed = w.invoice(party, "2024-01-11", ("4200", "10.00"))
    w.payment(party, "2023-12-31", "11.50", {closed: "11.50"}, fee="0.50")  # in a closed year
    press = w.party(is_supplier="yes")
    bill = w.document("supplier_invoice", press, "2024-02-01", ("5100", "300.00"))
    early = w.payment(press, "2024-02-10", "340.00", kind="paid", deposit_account="1010")
    w.allocate(early, bill, "340.00", discount="4.93")


def exchanged(w: Writer) -> None:
    """Rule 8: with a rate it is booked at home; what is paid at another gains or loses, and nothing stays of it."""
    usd = {"currency": "USD"}

    def billed(net: str, rate: str) -> tuple[str, str]:
        party = w.party()
        return party, w.invoice(party, "2024-02-01", ("4200", net), ("4500", "0.07"), **usd, rate=rate)

    party, key = billed("100.00", "1.3521")
    w.payment(party, "2024-03-01", w.total(key), {key: w.total(key)}, **usd, rate="1.4017")
    party, key = billed("333.33", "1.29")
    w.payment(party, "2024-03-01", "111.11", {key: "111.11"}, **usd, rate="1.3")
    left = str(amount(w.total(key)) - amount("111.11"))
    w.payment(party, "2024-04-01", left, {key: left}, **usd, rate="1.2512", fee="3.00")
    party, key = billed("50.00", "1.41")
    w.document("credit_note", party, "2024-03-15", ("4200", "20.00"), invoice=key, **usd, rate="1.35")
    w.payment(party, "2024-05-01", "25.00", **usd, rate="1.38")  # on account
    billed("75.25", "1.3333")  # stays unpaid
    party = w.party()
    two = [
        w.invoice(party, "2024-02-01", ("4200", net), group="EXEMPT", **usd, rate="1.3") for net in ("33.34", "21.23")
    ]
    w.payment(party, "2024-03-01", "54.57", {key: w.total(key) for key in two}, **usd, rate="1.3521")  # rounded once
    party = w.party()
    w.document("sales_receipt", party, "2024-03-03", ("4500", "12.34"), **usd, rate="1.3521")
    dues = w.dues(party, "2024-01-10", "1000.00", "2024-01-01", 12)
    w.row("documents", dues).update(usd, rate="1.3521")
    w.payment(party, "2024-01-20", w.total(dues), {dues: w.total(dues)}, **usd, rate="1.36")


def opened(w: Writer) -> None:
    """Opening balances stand in equity, also where a sale names a product and the product its account."""
    origin = {"origin": "opening_balance", "group": "EXEMPT"}
    party = w.party()
    key = w.invoice(party, "2024-01-01", ("3000", "1322.21"), **origin)
    w.payment(party, "2024-02-01", "1000.00", {key: "1000.00"})
    w.document("credit_note", party, "2024-01-01", ("3000", "80.00"), **origin)
    w.invoice(party, "2024-01-01", ("3000", "200.00"), ("4200", "10.00"), **origin)
    press = w.party(is_supplier="yes")
    bill = w.document("supplier_invoice", press, "2024-01-01", ("3000", "431.25"), **origin)
    w.payment(press, "2024-02-02", "431.25", {bill: "431.25"}, kind="paid", deposit_account="1010")


Chapter = Callable[[Writer], None]
CHAPTERS: dict[str, Chapter] = {
    "Q": sales, "B": disbursements, "V": vendor_credits, "E": either_way, "M": money, "N": returned, "S": schedules,
    "T": names_of_taxes, "R": refusals, "F": family, "U": foreign, "C": methods,
    "D": beside, "X": exchanged, "O": opened,
}  # fmt: skip


def chapter(name: str) -> Writer:
    """One chapter as a source of its own."""
    writer = Writer(name)
    CHAPTERS[name](writer)
    return writer


def whole() -> Writer:
    """All chapters as one source."""
    book = Writer("")
    for name in CHAPTERS:
        for table, rows in chapter(name).tables.items():
            book.tables[table].extend(rows)
    return book
