"""Exports as other systems write them, made of a firm's books by a seed, with the right answer for every column.

``python -m tests.connectors.sources.exports.corpus FOLDER`` writes them all, to be looked at.
"""

from __future__ import annotations

import csv
import io
import random
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook

CENT = Decimal("0.01")
DATA = tomllib.loads(Path(__file__).with_name("corpus.toml").read_text(encoding="utf-8"))
WORDS, EXPORTS = DATA["words"], DATA["exports"]
Get = Callable[[Any], Any]


@dataclass(frozen=True)
class Style:
    """How one export is written."""

    system: str
    language: str
    format: str
    order: str = "YMD"
    decimal: str = "."
    real: bool = True
    titles: bool = False
    totals: bool = False
    merged: bool = False
    sign: str = ""
    encoding: str = "utf-8"
    delimiter: str = ","
    month_names: bool = False
    seed: int = 1

    @property
    def name(self) -> str:
        parts = [
            self.system,
            self.language,
            self.format,
            self.order,
            {".": "point", ",": "comma"}[self.decimal],
            self.encoding,
        ]
        marks = [mark for mark in ("real", "titles", "totals", "merged") if getattr(self, mark)]
        return "-".join((*parts, *marks, str(self.seed)))


@dataclass(frozen=True)
class Customer:
    id: int
    code: str
    name: str
    first: str
    last: str
    email: str
    phone: str
    street: str
    city: str
    region: str
    postal: str


@dataclass(frozen=True)
class Line:
    item: str
    text: str
    gl: str
    quantity: int
    price: Decimal

    @property
    def amount(self) -> Decimal:
        return self.quantity * self.price


@dataclass(frozen=True)
class Invoice:
    id: int
    number: str
    customer: Customer
    date: date
    due: date
    lines: tuple[Line, ...]
    taxes: tuple[Decimal, ...]
    sign: int = 1

    @property
    def subtotal(self) -> Decimal:
        return self.sign * sum((line.amount for line in self.lines), Decimal(0))

    @property
    def tax(self) -> Decimal:
        return sum(self.taxes, Decimal(0))

    @property
    def total(self) -> Decimal:
        return self.subtotal + self.tax


@dataclass(frozen=True)
class Payment:
    id: int
    number: str
    invoice: Invoice
    date: date
    amount: Decimal
    method: str
    reference: str
    fee: Decimal


@dataclass(frozen=True)
class Books:
    """A firm's customers, invoices and payments."""

    customers: tuple[Customer, ...]
    invoices: tuple[Invoice, ...]
    payments: tuple[Payment, ...]

    def balance(self, invoice: Invoice) -> Decimal:
        return invoice.total - sum((p.amount for p in self.payments if p.invoice is invoice), Decimal(0))


def books(style: Style, rates: Sequence[Decimal], with_credits: bool = False) -> Books:
    """The books of a style's firm; dates run through the year, so that some day is after the twelfth."""
    draw = random.Random(f"{style.seed} {style.language} {style.system}")
    customers = tuple(_customer(at, style.language, draw) for at in range(8))
    invoices = tuple(_invoice(at, customers, style.language, rates, draw, with_credits) for at in range(24))
    paid = [invoice for at, invoice in enumerate(invoices) if at % 3 and invoice.total > 0]
    payments = tuple(_payment(at, invoice, style.language, draw) for at, invoice in enumerate(paid))
    return Books(customers, invoices, payments)


def _customer(at: int, language: str, draw: random.Random) -> Customer:
    name = WORDS[language]["names"][at]
    city, region, postal = draw.choice(WORDS[language]["cities"])
    first, last = [*name.split(), "inc"][:2]
    return Customer(
        4000 + 7 * at,
        f"C-{100 + at}",
        name,
        first,
        last,
        f"compta{at}@exemple{at}.ca",
        f"418 555-{1000 + 37 * at}",
        draw.choice(WORDS[language]["streets"]),
        city,
        region,
        postal,
    )


def _invoice(
    at: int,
    customers: Sequence[Customer],
    language: str,
    rates: Sequence[Decimal],
    draw: random.Random,
    with_credits: bool,
) -> Invoice:
    sign = -1 if with_credits and at % 11 == 5 else 1
    count = 2 if at % 2 else 1
    lines = tuple(
        Line(
            f"ART-{n + 1}",
            WORDS[language]["goods"][n],
            str(4000 + 100 * n),
            draw.randint(1, 4),
            Decimal(draw.randrange(1100, 90000)) / 100,
        )
        for n in draw.sample(range(4), count)
    )
    lines = (
        (*lines[:-1], Line(lines[-1].item, lines[-1].text, lines[-1].gl, 3, Decimal("1234.56")))
        if at % 7 == 3
        else lines
    )
    subtotal = sign * sum((line.amount for line in lines), Decimal(0))
    day = date(2025, 1, 3) + timedelta(days=13 * at)
    taxes = tuple((subtotal * rate / 100).quantize(CENT, ROUND_HALF_UP) for rate in rates)
    return Invoice(
        9000 + at, f"F-{2025000 + at}", draw.choice(customers), day, day + timedelta(days=30), lines, taxes, sign
    )


def _payment(at: int, invoice: Invoice, language: str, draw: random.Random) -> Payment:
    amount = invoice.total if at % 4 else (invoice.total / 2).quantize(CENT)
    methods = {"fr": ("Chèque", "Visa", "Virement"), "en": ("Check", "Visa", "Transfer")}[language]
    return Payment(
        300 + at,
        f"R{700 + at}",
        invoice,
        invoice.date + timedelta(days=9),
        amount,
        draw.choice(methods),
        f"K{88000 + 13 * at}",
        (amount / 40).quantize(CENT),
    )


@dataclass
class Table:
    """A sheet to be written: its headings (over a group, where one is), the fields that they are, and its rows."""

    name: str
    headings: list[str]
    fields: list[str]
    rows: list[list[object]]
    groups: list[str] = field(default_factory=list)
    sums: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Export:
    """What was written: its file or folder, and by sheet the heading of each column with its right field."""

    style: Style
    path: Path
    answers: dict[str, list[tuple[str, str]]]


def _table(
    name: str,
    columns: Iterable[tuple[str, str, str]],
    records: Iterable[object],
    values: dict[str, object],
    sums: Sequence[str] = (),
) -> Table:
    found = list(columns)
    rows = [[values[key](record) for _, _, key in found] for record in records]  # type: ignore[operator]
    return Table(
        name,
        [h for h, _, _ in found],
        [f for _, f, _ in found],
        rows,
        sums=[i for i, (_, _, k) in enumerate(found) if k in sums],
    )


def _of_customer(get: Get) -> dict[str, Get]:
    return {
        "id": lambda r: get(r).id,
        "code": lambda r: get(r).code,
        "name": lambda r: get(r).name,
        "first": lambda r: get(r).first,
        "last": lambda r: get(r).last,
        "email": lambda r: get(r).email,
        "phone": lambda r: get(r).phone,
        "street": lambda r: get(r).street,
        "city": lambda r: get(r).city,
        "region": lambda r: get(r).region,
        "postal": lambda r: get(r).postal,
        "country": lambda r: "Canada",
        "level": lambda r: "Or",
        "since": lambda r: date(2019, 4, 23),
        "nothing": lambda r: None,
    }


def _values(held: Books, invoice: Get = lambda r: r) -> dict[str, Get]:
    return {
        **_of_customer(lambda r: invoice(r).customer),
        "inv_id": lambda r: invoice(r).id,
        "number": lambda r: invoice(r).number,
        "date": lambda r: invoice(r).date,
        "due": lambda r: invoice(r).due,
        "subtotal": lambda r: invoice(r).subtotal,
        "tax": lambda r: invoice(r).tax,
        "tax1": lambda r: invoice(r).taxes[0],
        "tax2": lambda r: invoice(r).taxes[1],
        "total": lambda r: invoice(r).total,
        "balance": lambda r: held.balance(invoice(r)),
        "paid": lambda r: invoice(r).total - held.balance(invoice(r)),
        "gl": lambda r: invoice(r).lines[0].gl,
        "text": lambda r: invoice(r).lines[0].text,
        "status": lambda r: "Paid",
        "origin": lambda r: "Event",
        "user": lambda r: "mlavoie",
    }


def _line_values(held: Books) -> dict[str, Get]:
    return {
        **_values(held, lambda r: r[0]),
        "item": lambda r: r[1].item,
        "text": lambda r: r[1].text,
        "gl": lambda r: r[1].gl,
        "quantity": lambda r: r[1].quantity,
        "price": lambda r: r[1].price,
        "amount": lambda r: r[1].amount,
        "job": lambda r: f"J{r[0].id}",
        "line_no": lambda r: r[2],
    }


def _payment_values(held: Books) -> dict[str, Get]:
    return {
        **_values(held, lambda r: r.invoice),
        "pay_id": lambda r: r.id,
        "receipt": lambda r: r.number,
        "paid_on": lambda r: r.date,
        "amount": lambda r: r.amount,
        "method": lambda r: r.method,
        "reference": lambda r: r.reference,
        "fee": lambda r: r.fee,
        "net": lambda r: r.amount - r.fee,
        "batch": lambda r: "B-9",
        "inv_id": lambda r: r.invoice.id,
    }


def _lines(held: Books) -> list[tuple[Invoice, Line, int]]:
    return [(invoice, line, at) for invoice in held.invoices for at, line in enumerate(invoice.lines, 1)]


def held_by(style: Style) -> Books:
    """The books that a style's export is made of."""
    rates = EXPORTS[f"{style.system}-{style.language}"]["rates"]
    return books(style, [Decimal(rate) for rate in rates], with_credits=style.system == "workbook")


def tables(style: Style) -> list[Table]:
    """The sheets of a style's export."""
    export, held = EXPORTS[f"{style.system}-{style.language}"], held_by(style)
    found = []
    for sheet in export["sheets"]:
        name, columns = sheet["name"], sheet["columns"]
        tables_of = {field.partition(".")[0] for _, field, _ in columns}
        if "payments" in tables_of:
            found.append(_table(name, columns, held.payments, _payment_values(held), ("amount",)))
        elif "lines.amount" in {field for _, field, _ in columns}:
            found.append(_table(name, columns, _lines(held), _line_values(held), ("amount",)))
        elif "documents" in tables_of:
            found.append(
                _table(name, columns, held.invoices, _values(held), ("subtotal", "tax1", "tax2", "total", "balance"))
            )
        else:
            found.append(_table(name, columns, held.customers, _of_customer(lambda r: r)))
    return found


def written(value: object, style: Style) -> str:
    """A value as a text of the style."""
    match value:
        case None:
            return ""
        case date() if style.month_names:
            month = WORDS[style.language]["months"][value.month - 1]
            return (
                f"{value.day} {month} {value.year}" if style.language == "fr" else f"{month} {value.day}, {value.year}"
            )
        case date():
            return {"YMD": f"{value:%Y-%m-%d}", "DMY": f"{value:%d/%m/%Y}", "MDY": f"{value:%m/%d/%Y}"}[style.order]
        case Decimal():
            return money(value, style)
    return str(value)


def money(value: Decimal, style: Style) -> str:
    thousands = "," if style.decimal == "." else "\u00a0"
    text = f"{abs(value):,.2f}".replace(",", "T").replace(".", style.decimal).replace("T", thousands)
    if style.sign:
        text = f"{text}\u00a0{style.sign}" if style.decimal == "," else f"{style.sign}{text}"
    return text if value >= 0 else (f"-{text}" if style.decimal == "," else f"({text})")


def grid(table: Table, style: Style) -> list[list[object]]:
    """A sheet's rows as they are written: titles, headings, records, totals."""
    rows: list[list[object]] = []
    if style.titles:
        rows += [
            ["Groupe Conseil Beauport inc." if style.language == "fr" else "Beauport Consulting Inc."],
            [f"{table.name} 2025"],
            [],
        ]
    groups = _groups(table) if style.merged else []
    if groups:
        rows.append(list(groups))
    rows.append(list(table.headings))
    real = style.real and style.format != "csv"
    rows += [[_cell(value, style, real) for value in row] for row in table.rows]
    if style.totals and table.sums:
        total: list[object] = [None] * len(table.headings)
        total[0] = "Total" if style.language == "en" else "Totaux"
        for at in table.sums:
            total[at] = _cell(sum((row[at] for row in table.rows), Decimal(0)), style, real)  # type: ignore[misc]
        rows += [
            [],
            total,
            [],
            ["Imprimé le 2026-01-05 par mlavoie" if style.language == "fr" else "Printed by jsmith on Monday"],
        ]
    return rows


def _groups(table: Table) -> list[str]:
    """Over customer columns that stand side by side, one heading for them all."""
    own = [field.startswith("accounts.") for field in table.fields]
    first = next((at for at in range(len(own) - 1) if own[at] and own[at + 1]), None)
    if first is None or table.name in ("Clients", "Customers", "Contacts", "Members"):
        return []
    return ["Client" if at == first else "" for at in range(len(own))]


def _cell(value: object, style: Style, real: bool) -> object:
    if real and not isinstance(value, str):
        return float(value) if isinstance(value, Decimal) else value
    return written(value, style) or None


def misspelt(heading: str, draw: random.Random) -> str:
    """A heading with a slip of the hand: a letter left out, or two that have changed places."""
    if len(heading) < 6:
        return heading
    at = draw.randrange(1, len(heading) - 1)
    rest = heading[at + 1 :] if draw.random() < 0.5 else heading[at + 1] + heading[at] + heading[at + 2 :]
    return heading[:at] + rest


def write(folder: Path, style: Style, spelled: Callable[[str], str] = lambda heading: heading) -> Export:
    """One export in a folder of its own, and its right answers."""
    home = folder / style.name
    home.mkdir(parents=True)
    found = tables(style)
    for table in found:
        table.headings = list(map(spelled, table.headings))
    answers = {table.name: [(h, f) for h, f in zip(table.headings, table.fields, strict=True)] for table in found}
    if style.format == "csv":
        source = home / "source"
        source.mkdir()
        for table in found:
            text = io.StringIO()
            csv.writer(text, delimiter=style.delimiter, lineterminator="\r\n").writerows(grid(table, style))
            (source / f"{table.name}.csv").write_bytes(text.getvalue().encode(style.encoding))
        return Export(style, source, answers)
    book = Workbook()
    book.remove(book.worksheets[0])
    for table in found:
        _fill(book, table, style)
    book.save(home / "export.xlsx")
    return Export(style, home / f"export.{style.format}", answers)


def _fill(book: Workbook, table: Table, style: Style) -> None:
    sheet = book.create_sheet(table.name)
    rows = grid(table, style)
    for line, row in enumerate(rows, 1):
        for at, value in enumerate(row, 1):
            if value is not None:
                cell = sheet.cell(line, at, value)
                if isinstance(value, float):
                    cell.number_format = '#,##0.00 "$"' if style.sign else "0.00"
    if style.titles:
        sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(table.headings))
    if style.merged and (groups := _groups(table)):
        line, first = next(at for at, row in enumerate(rows, 1) if row == groups), groups.index("Client")
        last = next(
            at
            for at in range(first, len(groups) + 1)
            if not table.fields[at : at + 1] or not table.fields[at].startswith("accounts.")
        )
        sheet.merge_cells(start_row=line, start_column=first + 1, end_row=line, end_column=last)


def convert(exports: Sequence[Export], profile: Path) -> None:
    """Workbooks that are to be of another format, by LibreOffice."""
    desk = profile.parent
    desk.mkdir(parents=True, exist_ok=True)
    for kind in ("xls", "ods"):
        wanted = {f"{one.style.name}": one.path for one in exports if one.style.format == kind}
        for name, path in wanted.items():
            shutil.move(path.with_suffix(".xlsx"), desk / f"{name}.xlsx")
        command = [
            "soffice",
            f"-env:UserInstallation={profile.as_uri()}",
            "--headless",
            "--convert-to",
            kind,
            "--outdir",
            str(desk),
        ]
        subprocess.run([*command, *(str(desk / f"{name}.xlsx") for name in wanted)], check=True, capture_output=True)
        for name, path in wanted.items():
            shutil.move(desk / f"{name}.{kind}", path)


def styles(seed: int = 1) -> list[Style]:
    """Forty exports and more: every shape and language, every format, and each way of writing in turn."""
    ways = (
        {"format": "xlsx"},
        {"format": "csv", "order": "DMY", "decimal": ",", "delimiter": ";", "encoding": "cp1252", "totals": True},
        {"format": "ods", "titles": True},
        {"format": "csv", "order": "MDY", "encoding": "utf-16", "delimiter": "\t", "sign": "$"},
        {"format": "xls", "totals": True, "titles": True},
        {"format": "xlsx", "real": False, "order": "DMY", "decimal": ",", "sign": "$", "titles": True, "totals": True},
        {"format": "csv", "month_names": True, "encoding": "utf-8-sig", "titles": True},
        {"format": "xlsx", "merged": True, "titles": True, "sign": "$"},
    )
    shapes = [name.split("-") for name in EXPORTS]
    found = []
    for at, (system, language) in enumerate(shapes):
        for step in range(4):
            way = ways[(at + 2 * step + step // 2) % len(ways)]
            found.append(Style(system, language, seed=seed, **way))  # type: ignore[arg-type]
    return found


if __name__ == "__main__":
    target = Path(sys.argv[1])
    made = [write(target, style) for style in styles()]
    convert(made, target.resolve() / "office" / "profile")
