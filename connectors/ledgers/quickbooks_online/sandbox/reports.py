"""Reports in the vendor's tree of rows: aged receivables and payables, trial balance, general ledger.

Assumptions: credits age by their own date and stand with a minus; ``aging_method=Current`` counts the days up to
today instead of the report date; the trial balance is cumulative to ``end_date``; a journal entry on receivables
ages by its date, and aged payables are positive where a vendor is owed. What is documented of the detail reports is
a choice of columns: ``columns`` picks them by type, and other ones in a company of several currencies. Reports are in
the home currency, but for the columns that are documented as foreign ones; that these hold the amounts of customers in
the home currency too is assumed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connectors.ledgers.quickbooks_online.sandbox.bodies import ZERO, Body, reference
from connectors.ledgers.quickbooks_online.sandbox.books import Posting
from connectors.ledgers.quickbooks_online.sandbox.company import Company
from connectors.ledgers.quickbooks_online.sandbox.currencies import ENABLED, currency_of, parts_at_home, rate_of
from connectors.ledgers.quickbooks_online.sandbox.refusals import not_found, refuse
from connectors.ledgers.quickbooks_online.sandbox.settling import SETTLING
from connectors.ledgers.quickbooks_online.sandbox.transactions import links

Parameters = Mapping[str, str]

BUCKETS = (("Current", 0), ("1 - 30", 30), ("31 - 60", 60), ("61 - 90", 90))
OLDEST = "91 and over"
_DETAIL_COLUMNS = {
    "tx_date": "Date",
    "txn_type": "Transaction Type",
    "doc_num": "Num",
    "cust_name": "Client",
    "due_date": "Due Date",
}
_PAYABLE_COLUMNS = {
    "tx_date": "Date",
    "txn_type": "Transaction Type",
    "doc_num": "Num",
    "vend_name": "Vendor",
    "due_date": "Due Date",
}
_ONE_CURRENCY = {"subt_open_bal": "Open Balance"}
_CURRENCIES = {"currency": "Currency", "exch_rate": "Exchange Rate", "foreign_open_bal": "Foreign Open Balance"}
_PAYABLE_ONE = {"subt_neg_open_bal": "Open Balance"}
_PAYABLE_CURRENCIES = {
    "currency": "Currency",
    "exch_rate": "Exchange Rate",
    "neg_foreign_open_bal": "Foreign Open Balance",
    "subt_neg_home_open_bal": "Open Balance",
}
_LEDGER_COLUMNS = {
    "tx_date": "Date",
    "txn_type": "Transaction Type",
    "doc_num": "Num",
    "memo": "Memo/Description",
    "subt_nat_amount": "Amount",
    "rbal_nat_amount": "Balance",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """What a transaction leaves open of a customer's or vendor's balance on a day, at home and in its currency."""

    posting: Posting
    party: str
    due: date
    amount: Decimal
    foreign: Decimal


def report(company: Company, name: str, parameters: Parameters) -> Body:
    """A report by its name. Raises 610 for a name it does not know, 2060 for a date it cannot read."""
    makers: dict[str, Callable[[Company, Parameters], Body]] = {
        "AgedReceivables": _aged_receivables,
        "AgedPayables": _aged_payables,
        "AgedReceivableDetail": _aged_receivable_detail,
        "AgedPayableDetail": _aged_payable_detail,
        "TrialBalance": _trial_balance,
        "GeneralLedger": _general_ledger,
    }
    if name not in makers:
        raise not_found()
    return makers[name](company, parameters)


def open_items(company: Company, until: date) -> Iterator[Open]:
    """Every open part of the receivables on a day; they add up to the receivable accounts' balance of that day."""
    yield from _open_items(company, until, "Payment", 1)


def open_bills(company: Company, until: date) -> Iterator[Open]:
    """Every open part of the payables on a day, positive where a vendor is owed."""
    yield from _open_items(company, until, "BillPayment", -1)


def _open_items(company: Company, until: date, payer: str, sign: int) -> Iterator[Open]:
    """What one kind of payment settles, and what it leaves open; ``sign`` is that of a debit."""
    rule = SETTLING[payer]
    home: defaultdict[str, Decimal] = defaultdict(Decimal)
    foreign: defaultdict[str, Decimal] = defaultdict(Decimal)
    postings = list(company.books.until(until))
    known = {posting.id for posting in postings}
    for posting in postings:
        for kind, id_, part in _settled(company, payer, posting):
            if id_ in known:
                side = 1 if kind == rule.credits else -1
                value = parts_at_home(company, kind, company.get(kind, id_))[posting.id]
                for taken, much in ((home, value), (foreign, part)):
                    taken[id_] += side * much
                    taken[posting.id] -= side * much
    for posting in postings:
        for party, (amount, own) in _moved(company, posting, payer).items():
            left, of_own = sign * amount + home.pop(posting.id, ZERO), sign * own + foreign.pop(posting.id, ZERO)
            if left or of_own:
                yield Open(posting=posting, party=party, due=_due(company, posting), amount=left, foreign=of_own)


def _settled(company: Company, payer: str, posting: Posting) -> Iterator[tuple[str, str, Decimal]]:
    """What a payment takes of each document, whose type and id it is told by."""
    parts: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for line, kind, id_ in links(company.get(payer, posting.id)) if posting.entity == payer else ():
        parts[kind, id_] += line["Amount"]
    yield from ((kind, id_, part) for (kind, id_), part in parts.items())


def _moved(company: Company, posting: Posting, payer: str) -> dict[str, tuple[Decimal, Decimal]]:
    """What a transaction debits each customer, or each vendor, by who makes such payments: at home, and there."""
    rule = SETTLING[payer]
    by_party: dict[str, tuple[Decimal, Decimal]] = {}
    for leg in posting.legs:
        if company.find(rule.holder, leg.name):
            home, foreign = by_party.get(leg.name, (ZERO, ZERO))
            by_party[leg.name] = home + leg.amount, foreign + leg.of_name
    if posting.entity == payer and not by_party:
        by_party[reference(company.get(payer, posting.id), rule.name)] = ZERO, ZERO
    return by_party


def _due(company: Company, posting: Posting) -> date:
    due = company.get(posting.entity, posting.id).get("DueDate")
    return date.fromisoformat(due) if due else posting.day


def _aged_receivables(company: Company, parameters: Parameters) -> Body:
    return _aged(company, parameters, "AgedReceivables", "Customer", open_items)


def _aged_payables(company: Company, parameters: Parameters) -> Body:
    return _aged(company, parameters, "AgedPayables", "Vendor", open_bills)


def _aged(
    company: Company,
    parameters: Parameters,
    report_name: str,
    holder: str,
    items: Callable[[Company, date], Iterator[Open]],
) -> Body:
    on = _day(company, parameters, "report_date")
    titles = [title for title, _ in BUCKETS] + [OLDEST]
    rows: defaultdict[str, defaultdict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for item in items(company, on):
        if parameters.get(holder.lower()) in (None, item.party):
            rows[item.party][_bucket(company, parameters, on, item.due)] += item.amount
    lines = [(_title(company, holder, id_), id_, [parts[t] for t in titles]) for id_, parts in rows.items()]
    data = [_row({"value": name, "id": id_}, parts) for name, id_, parts in sorted(lines)]
    totals = [sum((parts[position] for _, _, parts in lines), ZERO) for position in range(len(titles))]
    columns = [(holder, ""), *(("Money", title) for title in (*titles, "Total"))]
    return _report(company, report_name, columns, data, totals, {"report_date": on.isoformat()}, on)


def _row(first: Body, amounts: list[Decimal]) -> Body:
    return {"ColData": [first, *({"value": _money(a)} for a in amounts), {"value": f"{sum(amounts, ZERO):.2f}"}]}


def _aged_receivable_detail(company: Company, parameters: Parameters) -> Body:
    several = company.preference(*ENABLED)
    known = _DETAIL_COLUMNS | (_CURRENCIES if several else _ONE_CURRENCY)
    return _aged_detail(company, parameters, "AgedReceivableDetail", known, open_items)


def _aged_payable_detail(company: Company, parameters: Parameters) -> Body:
    several = company.preference(*ENABLED)
    known = _PAYABLE_COLUMNS | (_PAYABLE_CURRENCIES if several else _PAYABLE_ONE)
    return _aged_detail(company, parameters, "AgedPayableDetail", known, open_bills)


def _aged_detail(
    company: Company,
    parameters: Parameters,
    report_name: str,
    known: dict[str, str],
    items: Callable[[Company, date], Iterator[Open]],
) -> Body:
    on = _day(company, parameters, "report_date")
    wanted = _columns(parameters, known)
    sections: defaultdict[str, list[Body]] = defaultdict(list)
    for item in items(company, on):
        cells = _detail_cells(company, item)
        bucket = _bucket(company, parameters, on, item.due)
        sections[bucket].append({"ColData": [cells[name] for name in wanted], "type": "Data"})
    data = [_section(_past_due(title), sections[title]) for title in (*dict(BUCKETS), OLDEST) if title in sections]
    return _report(company, report_name, list(wanted.items()), data, None, {"report_date": on.isoformat()}, on)


def _detail_cells(company: Company, item: Open) -> dict[str, Body]:
    """Every column that one of the two detail reports may have of an open item."""
    body = company.get(item.posting.entity, item.posting.id)
    holder = "Customer" if company.find("Customer", item.party) else "Vendor"
    party = {"value": _title(company, holder, item.party), "id": item.party}
    home, foreign = {"value": _money(item.amount)}, {"value": _money(item.foreign)}
    return {
        "tx_date": {"value": item.posting.day.isoformat()},
        "txn_type": {"value": item.posting.entity, "id": item.posting.id},
        "doc_num": {"value": item.posting.number},
        **dict.fromkeys(("cust_name", "vend_name"), party),
        "due_date": {"value": item.due.isoformat()},
        **dict.fromkeys(("subt_open_bal", "subt_neg_open_bal", "subt_neg_home_open_bal"), home),
        **dict.fromkeys(("foreign_open_bal", "neg_foreign_open_bal"), foreign),
        "currency": {"value": currency_of(company, body)},
        "exch_rate": {"value": str(rate_of(body))},
    }


def _trial_balance(company: Company, parameters: Parameters) -> Body:
    on = _day(company, parameters, "end_date")
    balances: defaultdict[str, Decimal] = defaultdict(Decimal)
    for posting in company.books.until(on):
        for leg in posting.legs:
            balances[leg.account] += leg.amount
    data: list[Body] = []
    debit = credit = ZERO
    for account in company.every("Account"):
        if balance := balances[account["Id"]]:
            debit, credit = debit + max(balance, ZERO), credit + max(-balance, ZERO)
            sides = ({"value": _money(max(balance, ZERO))}, {"value": _money(max(-balance, ZERO))})
            data.append({"ColData": [{"id": account["Id"], "value": account["FullyQualifiedName"]}, *sides]})
    columns = [("Account", ""), ("Money", "Debit"), ("Money", "Credit")]
    body = _report(company, "TrialBalance", columns, data, None, {}, on)
    if data:
        total = [{"value": "TOTAL"}, {"value": _money(debit)}, {"value": _money(credit)}]
        data.append({"group": "GrandTotal", "type": "Section", "Summary": {"ColData": total}})
    return body


def _general_ledger(company: Company, parameters: Parameters) -> Body:
    start, on = _day(company, parameters, "start_date"), _day(company, parameters, "end_date")
    if "start_date" not in parameters:
        start = on.replace(month=1, day=1)
    wanted = _columns(parameters, _LEDGER_COLUMNS)
    rows: defaultdict[str, list[Body]] = defaultdict(list)
    running: defaultdict[str, Decimal] = defaultdict(Decimal)
    for posting in company.books.until(on):
        for leg in posting.legs:
            running[leg.account] += leg.amount
            if posting.day < start:
                continue
            cells = {
                "tx_date": {"value": posting.day.isoformat()},
                "txn_type": {"value": posting.entity, "id": posting.id},
                "doc_num": {"value": posting.number},
                "memo": {"value": leg.memo},
                "subt_nat_amount": {"value": _money(leg.amount)},
                "rbal_nat_amount": {"value": _money(running[leg.account])},
            }
            rows[leg.account].append({"ColData": [cells[name] for name in wanted], "type": "Data"})
    accounts = [account for account in company.every("Account") if account["Id"] in rows]
    data = [_section(account["FullyQualifiedName"], rows[account["Id"]], account["Id"]) for account in accounts]
    return _report(company, "GeneralLedger", list(wanted.items()), data, None, {}, on, start)


def _section(title: str, rows: list[Body], id_: str = "") -> Body:
    header = {"value": title, **({"id": id_} if id_ else {})}
    return {"Header": {"ColData": [header]}, "Rows": {"Row": rows}, "type": "Section"}


def _report(
    company: Company,
    name: str,
    columns: list[tuple[str, str]],
    rows: list[Body],
    totals: list[Decimal] | None,
    options: Mapping[str, str],
    end: date,
    start: date | None = None,
) -> Body:
    if totals is not None and rows:
        total = {"ColData": _row({"value": "TOTAL"}, totals)["ColData"]}
        rows.append({"group": "GrandTotal", "type": "Section", "Summary": total})
    told = {**options, "NoReportData": str(not rows).lower()}
    header = {
        "ReportName": name,
        "Option": [{"Name": option, "Value": value} for option, value in told.items()],
        "StartPeriod": (start or end).isoformat(),
        "EndPeriod": end.isoformat(),
        "Currency": company.home_currency,
        "Time": company.now(),
    }
    if name in ("TrialBalance", "GeneralLedger"):
        header["ReportBasis"] = "Accrual"
    shown = [{"ColType": kind, "ColTitle": title} for kind, title in columns]
    return {"Header": header, "Rows": {"Row": rows} if rows else {}, "Columns": {"Column": shown}}


def _bucket(company: Company, parameters: Parameters, on: date, due: date) -> str:
    until = company.clock.today() if parameters.get("aging_method") == "Current" else on
    days = (until - due).days
    return next((title for title, most in BUCKETS if days <= most), OLDEST)


def _past_due(title: str) -> str:
    return title if title == "Current" else f"{title} days past due"


def _columns(parameters: Parameters, known: dict[str, str]) -> dict[str, str]:
    wanted = [name for name in parameters.get("columns", "").split(",") if name]
    return {name: known[name] for name in wanted if name in known} or known


def _day(company: Company, parameters: Parameters, name: str) -> date:
    text = parameters.get(name)
    try:
        return date.fromisoformat(text) if text else company.clock.today()
    except ValueError as wrong:
        raise refuse("2060", f"Invalid Date Format. Supplied value:{text}", name) from wrong


def _title(company: Company, holder: str, id_: str) -> str:
    body = company.get(holder, id_)
    return str(body["FullyQualifiedName"] if holder == "Customer" else body["DisplayName"])


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}" if amount else ""
