"""Faults planted in a company's source files and workbook, each with the problem that Check must find and its cell.

Nothing here asks the product what is wrong: each fault says it of itself. Every fault stands on records of its own, so
that it is the only thing wrong with them; what it holds back beside them (an account's document, an invoice's payment)
is told with it.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from random import Random

import openpyxl
from openpyxl.utils import range_boundaries

from workbook.layout import ACCOUNT_MAP, ACCOUNTS, ENTRIES, INVOICES, ITEM_MAP, LINES, PAYMENTS, Table

TABLES = {"customer": ACCOUNTS, "payment": PAYMENTS, "journal_entry": ENTRIES}
RECORDS = ("accounts", "documents", "lines", "document_taxes", "payments", "allocations", "schedules",
           "journal_entries", "entry_lines")  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """A problem that Check must find: its code, its record, and the cell as table, row (its first key) and column.

    ``figures`` are what its sentence shows, where a fault says it.
    """

    code: str
    kind: str
    key: str
    table: Table
    row: str
    column: str
    figures: dict[str, str] = field(default_factory=dict)


@dataclass
class Source:
    """The files of a source as rows of texts."""

    folder: Path
    files: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for path in sorted(self.folder.glob("*.csv")):
            with path.open(encoding="utf-8", newline="") as file:
                reader = csv.DictReader(file)
                self.files[path.stem] = list(reader)
                self.columns = {**getattr(self, "columns", {}), path.stem: list(reader.fieldnames or ())}

    def add(self, file: str, **cells: str) -> dict[str, str]:
        """Add a row."""
        self.files[file].append(cells)
        return cells

    def save(self) -> None:
        """Write the files."""
        for name, rows in self.files.items():
            with (self.folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, self.columns[name], restval="", lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)


@dataclass
class Planting:
    """What was planted: ``faults`` to be found, records ``held`` that must not leave, what is typed."""

    source: Source
    chance: Random
    ledger: str
    faults: list[Fault] = field(default_factory=list)
    held: set[tuple[str, str]] = field(default_factory=set)
    typed: list[tuple[Table, str, dict[str, str]]] = field(default_factory=list)
    count: int = 0

    def _number(self) -> int:
        self.count += 1
        return self.count

    # sound records ---------------------------------------------------------------------------------------------------

    def account(self, **cells: str) -> str:
        """An account that is new."""
        n = self._number()
        key = f"ZA{n:03}"
        email = f"z{n}@example.org"
        self.source.add(
            "accounts", **{"key": key, "number": f"9{n:04}", "name": f"Société {n:03}", "email": email} | cells
        )
        return key

    def invoice(
        self, account: str = "", *, net: str = "100.00", taxes: tuple[str, ...] = ("GST", "QST"), **cells: str
    ) -> str:
        """A sound invoice of 100.00 with GST and QST, of an account of its own unless one is named."""
        key = f"ZD{self._number():03}"
        rates = {"GST": Decimal("0.05"), "QST": Decimal("0.09975")}
        borne = {tax: (Decimal(net) * rates[tax]).quantize(Decimal("0.01")) for tax in taxes}
        tax = sum(borne.values(), Decimal(0))
        total = str(Decimal(net) + tax)
        day = f"2025-0{self.chance.randint(1, 9)}-{self.chance.randint(10, 28)}"
        balance = "0.00" if cells.get("kind", "invoice") != "invoice" else total
        self.source.add("documents", **{
            "key": key, "kind": "invoice", "number": f"Z25-{key[2:]}", "date": day, "due": day,
            "account": account or self.account(), "currency": "CAD", "subtotal": net, "tax": str(tax), "total": total,
            "balance": balance, "origin": "order", "sent": "yes", "cancelled": "no",
        } | cells)  # fmt: skip
        self.source.add("lines", document=key, line="1", description="Frais", quantity="1", unit_price=net, amount=net,
                        item="ADMIN", gl_account="4500", tax_group="QC" if borne else "EXEMPT")  # fmt: skip
        for name, amount in borne.items():
            self.source.add("document_taxes", document=key, tax=name, amount=str(amount), base=net)
        return key

    def payment(self, invoice: str, amount: str, *, account: str = "", share: str = "", **cells: str) -> str:
        """A payment of an invoice, whose balance it reduces."""
        key, document = f"ZP{self._number():03}", self.row("documents", invoice) if invoice else {}
        self.source.add("payments", **{
            "key": key, "number": f"ZR-{key[2:]}", "date": "2025-10-15", "currency": "CAD", "amount": amount,
            "account": account or document["account"], "method": "CHEQUE",
        } | cells)  # fmt: skip
        if invoice:
            self.source.add("allocations", payment=key, invoice=invoice, amount=share or amount)
            document["balance"] = str(max(Decimal(document["balance"]) - Decimal(share or amount), Decimal("0.00")))
        return key

    def entry(self, *lines: tuple[str, str, str]) -> str:
        """A journal entry of (account, debit, credit)."""
        key = f"ZJ{self._number():03}"
        self.source.add("journal_entries", key=key, number=f"ZE-{key[2:]}", date="2025-06-30", currency="CAD", memo="")
        for n, (account, debit, credit) in enumerate(lines, 1):
            self.source.add("entry_lines", entry=key, line=str(n), gl_account=account, debit=debit, credit=credit)
        return key

    def row(self, file: str, key: str) -> dict[str, str]:
        """A row of a file by its key."""
        return next(row for row in self.source.files[file] if row["key"] == key)

    def line(self, document: str) -> dict[str, str]:
        """The first line of a document."""
        return next(row for row in self.source.files["lines"] if row["document"] == document)

    def day(self, document: str) -> str:
        """The date of a document."""
        return self.row("documents", document)["date"]

    def apart(self, invoice: str, account: str) -> dict[str, str]:
        """An invoice and the two accounts that a problem of a stranger's invoice names."""
        document = self.row("documents", invoice)
        names = {name: self.row("accounts", key)["name"] for name, key in
                 (("account", account), ("other", document["account"]))}  # fmt: skip
        return {"invoice": document["number"], **names}

    # what must be found ----------------------------------------------------------------------------------------------

    def expect(self, code: str, key: str, column: str = "reason", kind: str = "", *, holds: bool = True,
               at: tuple[Table, str] | None = None, **figures: str) -> None:  # fmt: skip
        """A problem of a record; ``at`` names the table and row where its cell is, if not its own.

        ``figures`` are what its sentence shows; one that Python keeps for itself ends in ``_``.
        """
        kinds = {"ZA": "customer", "ZP": "payment", "ZJ": "journal_entry"}
        kind = kind or kinds.get(key[:2], "") or self.row("documents", key)["kind"]
        table, row = at or (TABLES.get(kind, INVOICES), key)
        column = column if column in table else "reason"
        self.faults.append(Fault(code, kind, key, table, row, column, {n.rstrip("_"): v for n, v in figures.items()}))
        if holds:
            self.held.add((kind, key))

    def with_document(self, code: str, account: str, column: str, **figures: str) -> None:
        """A problem of an account, which holds its document back."""
        self.expect(code, account, column, **figures)
        name = self.row("accounts", account)["name"].strip()
        self.expect("account_not_transferred", self.invoice(account), "account", account=name)

    def type(self, table: Table, row: str, **cells: str) -> None:
        """Type into cells of a row."""
        self.typed.append((table, row, cells))


Plant = Callable[[Planting], None]


def lines_apart(p: Planting) -> None:
    key = p.invoice()
    p.row("documents", key).update(total="124.98", balance="124.98")
    p.expect("lines_do_not_add_up", key, "total", lines="100.00", taxes="14.98", total="124.98")


def line_without_text(p: Planting) -> None:
    key = p.invoice()
    p.line(key)["description"] = " "
    p.expect("line_without_text", key, line="1")


def no_line(p: Planting) -> None:
    key = p.invoice(net="0.00", taxes=())
    p.source.files["lines"].remove(p.line(key))
    p.expect("no_lines", key)


def one_number_twice(p: Planting) -> None:
    first = p.invoice()
    second = p.invoice(number=p.row("documents", first)["number"].lower())
    for key in (first, second):
        p.expect("duplicate_number", key, "number", count="2", number=p.row("documents", key)["number"])


def tax_off(p: Planting) -> None:
    key = p.invoice()
    p.row("documents", key).update(tax="21.98", total="121.98", balance="121.98")
    next(r for r in p.source.files["document_taxes"] if r["document"] == key)["amount"] = "12.00"
    p.expect("tax_differs", key, "tax", tax="TPS (GST)", rate="5", base="100.00", expected="5.00", amount="12.00")


def tax_left_out(p: Planting) -> None:
    key = p.invoice(taxes=("GST",))
    p.expect("tax_missing", key, "tax", tax="TVQ (QST)", rate="9.975", base="100.00", expected="9.98", group="QC")
    if p.ledger == "quickbooks-online":
        p.expect("tax_of_code_missing", key, "tax", tax="QST", rate="9.975", base="100.00", expected="9.98",
                 codes="GST/QST QC - 9.975")  # fmt: skip


def tax_of_no_group(p: Planting) -> None:
    key = p.invoice()
    p.line(key)["tax_group"] = "EXEMPT"
    for tax, amount in (("GST", "5.00"), ("QST", "9.98")):
        p.expect("tax_not_of_group", key, "tax", tax=tax, amount=amount, groups="EXEMPT")
    if p.ledger == "quickbooks-online":
        p.expect("tax_not_borne", key, "tax", ledger_total="100.00", tax="14.98")


def negative(p: Planting) -> None:
    p.expect("negative_total", p.invoice(net="-100.00"), "total", total="-114.98")


def shared_out_too_far(p: Planting) -> None:
    key = p.payment(p.invoice(), "50.00", share="60.00")
    p.expect("payment_over_allocated", key, "amount", allocated="60.00", amount="50.00")


def paid_too_much(p: Planting) -> None:
    invoice = p.invoice()
    number = p.row("documents", invoice)["number"]
    p.expect("payment_over_balance", p.payment(invoice, "200.00"), "amount", invoice=number, paid="200.00",
             total="114.98")  # fmt: skip


def credited_too_much(p: Planting) -> None:
    invoice = p.invoice(balance="0.00")
    number, account = p.row("documents", invoice)["number"], p.row("documents", invoice)["account"]
    p.expect("credit_over_total", p.invoice(account, net="200.00", kind="credit_note", invoice=invoice), "total",
             invoice=number, credited="229.95", total="114.98")  # fmt: skip


def closed(p: Planting) -> None:
    p.expect("period_closed", p.invoice(date="2023-12-15", due="2023-12-15"), "date", date="2023-12-15",
             closing_date="2023-12-31")  # fmt: skip


def unsent(p: Planting) -> None:
    p.expect("not_sent", p.invoice(sent="no"), "sent")


def unflagged(p: Planting) -> None:
    account = p.account()
    p.type(ACCOUNTS, account, new_account="No")
    p.with_document("account_not_linked", account, "new_account")


def circle(p: Planting) -> None:
    one = p.account()
    other = p.account(parent=one)
    p.row("accounts", one)["parent"] = other
    first, second = (p.row("accounts", account)["name"] for account in (one, other))
    p.with_document("parent_circular", one, "parent", chain=f"{second} → {first}")
    p.with_document("parent_circular", other, "parent", chain=f"{first} → {second}")


def strangers_invoice(p: Planting) -> None:
    invoice, account = p.invoice(), p.account()
    p.expect(
        "invoice_of_another", p.payment(invoice, "114.98", account=account), "invoice", **p.apart(invoice, account)
    )


def credit_of_a_stranger(p: Planting) -> None:
    invoice = p.invoice(balance="0.00")
    account = p.account()
    p.expect("invoice_of_another", p.invoice(account, kind="credit_note", invoice=invoice), "invoice",
             **p.apart(invoice, account))  # fmt: skip


def reference_not_there(p: Planting) -> None:
    key = p.invoice()
    p.type(INVOICES, key, reference=f"NOPE-{key}")
    account = p.row("documents", key)["account"]
    other = p.invoice(account)  # so that the account leaves
    p.expect("reference_waits_for_account", key, "reference", reference=f"NOPE-{key}",
             account=p.row("accounts", account)["name"])  # fmt: skip
    assert other


def customer_not_there(p: Planting) -> None:
    account = p.account()
    p.type(ACCOUNTS, account, reference=f"X{account}")
    p.with_document("account_unknown_in_ledger", account, "reference", reference=f"X{account}")


def payment_twice(p: Planting) -> None:
    account = p.row("documents", p.invoice())["account"]
    first = p.payment("", "20.00", account=account)
    number = p.row("payments", first)["number"]
    p.expect("twice_in_source", p.payment("", "20.00", account=account, number=number), "number", number=number,
             other=first, total="20.00", date="2025-10-15")  # fmt: skip


def unknown_status(p: Planting) -> None:
    key = p.invoice()
    p.type(INVOICES, key, status="Soon")
    p.expect("status_unknown", key, "status", value="Soon")


def overtyped(p: Planting) -> None:
    key = p.invoice()
    p.type(INVOICES, key, number="Z-other")
    p.expect("cell_changed", key, "number", column_en="Number", column_fr="Numéro", value="Z-other",
             expected=p.row("documents", key)["number"])  # fmt: skip


def invoice_stays(p: Planting) -> None:
    invoice = p.invoice()
    p.type(INVOICES, invoice, status="Do Not Sync")
    p.held.add(("invoice", invoice))
    p.expect("invoice_no_go", p.payment(invoice, "114.98"), "invoice",
             invoice=p.row("documents", invoice)["number"])  # fmt: skip


def unbalanced(p: Planting) -> None:
    p.expect("entry_not_balanced", p.entry(("5300", "10.00", "0"), ("1010", "0", "9.00")), debit="10.00",
             credit="9.00")  # fmt: skip


def exempt_but_taxed(p: Planting) -> None:
    account = p.account(tax_exempt="yes", exempt_reason="resale")
    p.expect("exempt_taxed", p.invoice(account), "tax", holds=False, account=p.row("accounts", account)["name"],
             tax="14.98")  # fmt: skip


def wrong_balance(p: Planting) -> None:
    p.expect("balance_differs", p.invoice(balance="10.00"), "balance", holds=False, balance="10.00", total="114.98",
             paid="0", owed="114.98")  # fmt: skip


EVERYWHERE: tuple[Plant, ...] = (
    lines_apart, line_without_text, no_line, one_number_twice, tax_off, tax_left_out, tax_of_no_group, negative,
    shared_out_too_far, paid_too_much, credited_too_much, closed, unsent, unflagged, circle, strangers_invoice,
    credit_of_a_stranger, reference_not_there, customer_not_there, payment_twice, unknown_status, overtyped,
    invoice_stays, unbalanced, exempt_but_taxed, wrong_balance,
)  # fmt: skip


def unmapped_account(p: Planting) -> None:
    key = p.invoice()
    p.line(key).update(item="", gl_account="4999")
    p.expect("gl_account_not_mapped", key, line="1", code_="4999", name="Produit non associé")


def account_typed_wrong(p: Planting) -> None:
    key = p.invoice()
    p.type(LINES, key, ledger_account="9999")
    p.expect("not_in_ledger", key, "ledger_account", at=(LINES, key), code_="9999", line="1", date=p.day(key))


def item_where_accounts_count(p: Planting) -> None:
    key = p.invoice()
    p.type(LINES, key, ledger_item="ADMIN")
    p.expect("line_code_unread", key, "ledger_item", at=(LINES, key), line="1", value="ADMIN", column_en="Ledger item",
             column_fr="Article comptable")  # fmt: skip


def account_mapped_wrong(p: Planting) -> None:
    code = f"47{p.count % 90 + 10}"
    p.source.add("gl_accounts", code=code, name="Autre", type="income", active="yes")
    key = p.invoice()
    p.line(key).update(item="", gl_account=code)
    p.type(ACCOUNT_MAP, code, ledger_code="9998")
    p.expect("not_in_ledger", key, "ledger_code", at=(ACCOUNT_MAP, code), code_="9998", line="1", date=p.day(key))


def deposit_not_there(p: Planting) -> None:
    key = p.payment(p.invoice(), "114.98")
    p.type(PAYMENTS, key, deposit_account="9997")
    p.expect("not_in_ledger", key, "deposit_account", code_="9997", date="2025-10-15")


BY_ACCOUNT: tuple[Plant, ...] = (
    unmapped_account, account_typed_wrong, item_where_accounts_count, account_mapped_wrong, deposit_not_there,
)  # fmt: skip


def foreign_currency(p: Planting) -> None:
    code = "currencies_off" if p.ledger == "quickbooks-online" else "rate_missing"
    p.expect(code, p.invoice(currency="USD"), "currency", currency="USD", home="CAD")


def without_party(p: Planting) -> None:
    key = p.entry(("1100", "10.00", "0"), ("1010", "0", "10.00"))
    p.expect("account_by_party", key, "ledger_code", at=(ACCOUNT_MAP, "1100"), line="1", code_="1100",
             name="Comptes clients")  # fmt: skip


def unmapped_item(p: Planting) -> None:
    key = p.invoice()
    p.line(key).update(item="ZNOTHING", gl_account="4500")
    p.expect("item_not_mapped", key, line="1", code_="ZNOTHING", name="ZNOTHING")


def item_typed_wrong(p: Planting) -> None:
    key = p.invoice()
    p.type(LINES, key, ledger_item="Nope")
    p.expect("item_not_in_ledger", key, "ledger_item", at=(LINES, key), line="1", code_="Nope", date=p.day(key))


def item_mapped_wrong(p: Planting) -> None:
    code = f"ZITEM{p.count}"
    p.source.add("items", code=code, name=code, gl_account="4500", active="yes")
    key = p.invoice()
    p.line(key)["item"] = code
    p.type(ITEM_MAP, code, ledger_code="Nope")
    p.expect("item_not_in_ledger", key, "ledger_code", at=(ITEM_MAP, code), line="1", code_="Nope", date=p.day(key))


def tax_typed_wrong(p: Planting) -> None:
    key = p.invoice()
    p.type(LINES, key, ledger_tax="VAT 20")
    p.expect("tax_not_in_ledger", key, "ledger_tax", at=(LINES, key), line="1", code_="VAT 20", date=p.day(key))


def code_without_tax(p: Planting) -> None:
    key = p.invoice()
    p.type(LINES, key, ledger_tax="Exempt")
    p.expect("tax_not_borne", key, "tax", ledger_total="100.00", tax="14.98")


def account_where_items_count(p: Planting) -> None:
    key = p.invoice()
    p.type(LINES, key, ledger_account="4500")
    p.expect("line_code_unread", key, "ledger_account", at=(LINES, key), line="1", value="4500",
             column_en="Ledger account", column_fr="Compte comptable")  # fmt: skip


def number_long(p: Planting) -> None:
    number = f"Z25-{p.count:020}"
    p.expect("number_too_long", p.invoice(number=number), "number", number=number, limit="21")


def colon(p: Planting) -> None:
    name = f"Société: {p.count}"
    p.with_document("character_forbidden", p.account(name=name), "name", value=name, characters=":")


def name_of_another(p: Planting) -> None:
    account = p.account(name="zephyr realty TRUST", email="")
    p.type(ACCOUNTS, account, new_account="Yes")
    p.with_document("name_taken", account, "name", name="zephyr realty TRUST")


def four_of_one_name(p: Planting) -> None:
    name = f"Atelier {p.count}"
    for spelled in (name, name.upper(), f"{name} ", name):
        account = p.account(name=spelled)
        p.type(ACCOUNTS, account, new_account="Yes")
        p.with_document("names_equal", account, "name", name=spelled.strip(), count="4")


def no_address(p: Planting) -> None:
    p.with_document("email_refused", p.account(email="nobody at example"), "email", email="nobody at example")


def sold_to_a_supplier(p: Planting) -> None:
    account = p.account(is_supplier="yes")
    p.expect("supplier_sold_to", p.invoice(account), "account", account=p.row("accounts", account)["name"])


def money_into_income(p: Planting) -> None:
    key = p.payment(p.invoice(), "114.98")
    p.type(PAYMENTS, key, deposit_account="4500")
    p.expect("no_deposit_account", key, "deposit_account", code_="4500", name="Commandes", type="Income")


def six_deep(p: Planting) -> None:
    chain = [p.account()]
    for _ in range(5):
        chain.append(p.account(parent=chain[-1]))
    names = " → ".join(p.row("accounts", account)["name"] for account in chain)
    p.with_document("parents_too_many", chain[-1], "parent", chain=names, limit="5")


QUICKBOOKS: tuple[Plant, ...] = (
    foreign_currency, without_party, unmapped_item, item_typed_wrong, item_mapped_wrong, tax_typed_wrong,
    code_without_tax,
    account_where_items_count, number_long, colon, name_of_another, four_of_one_name, no_address, sold_to_a_supplier,
    money_into_income, six_deep,
)  # fmt: skip


def no_fiscal_year(p: Planting) -> None:
    key = p.invoice(date="2035-06-30", due="2035-06-30")
    p.expect("period_missing", key, "date", date="2035-06-30")
    p.expect("day_far_ahead", key, "date", date="2035-06-30", days="90")


TRYTON: tuple[Plant, ...] = (*BY_ACCOUNT, foreign_currency, without_party, no_fiscal_year)

OF_LEDGER = {"beancount": BY_ACCOUNT, "quickbooks-online": QUICKBOOKS, "tryton": TRYTON}


def plant(planting: Planting, faults: int) -> None:
    """So many faults at least, of every kind that the ledger has, in an order of the seed's."""
    kinds = [*EVERYWHERE, *OF_LEDGER[planting.ledger]]
    planting.chance.shuffle(kinds)
    rounds = 0
    while rounds == 0 or len(planting.faults) < faults:
        for kind in kinds:
            if not (rounds and kind in ONCE):
                kind(planting)
            if rounds and len(planting.faults) >= faults:
                break
        rounds += 1


ONCE = (name_of_another,)
"""What a second of its kind would make another fault of."""


def sound(planting: Planting, count: int) -> None:
    """Invoices without a fault, some of them paid."""
    for n in range(count):
        key = planting.invoice()
        if n % 3 == 0:
            planting.payment(key, planting.row("documents", key)["total"])


def cells(workbook: Path, faults: list[Fault]) -> Iterator[tuple[str, str, str, str, str]]:
    """Each fault as (code, kind, key, sheet, cell); cells are found by caption and key, by another reader."""
    book = openpyxl.load_workbook(workbook, data_only=True, keep_vba=False)
    grids = {}
    for sheet in book.worksheets:
        for table in sheet.tables.values():
            left, top, right, bottom = range_boundaries(table.ref)
            titles = {sheet.cell(top, column).value: column for column in range(left, right + 1)}
            grids[table.name] = (sheet, top, bottom, titles)
    for fault in faults:
        sheet, top, bottom, titles = grids[fault.table.name]
        first = "invoice" if fault.table is LINES else "code" if fault.table in (ACCOUNT_MAP, ITEM_MAP) else "key"
        named = titles[fault.table.column(first).caption.en]
        shown = {str(sheet.cell(row, named).value or "").partition("#")[0]: row for row in range(bottom, top, -1)}
        column = titles[fault.table.column(fault.column).caption.en]
        yield fault.code, fault.kind, fault.key, sheet.title, sheet.cell(shown[fault.row], column).coordinate
