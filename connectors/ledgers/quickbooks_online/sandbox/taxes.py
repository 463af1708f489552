"""Sales and purchase taxes: the net amounts of the lines, and one tax line per rate.

Assumptions: a rate is taken on the sum of the net amounts of its lines and rounded once, halves up; with TaxInclusive
a line's ``Amount`` is the gross unless ``TaxInclusiveAmt`` is sent beside it, and the answer holds the net in
``Amount`` and the gross in ``TaxInclusiveAmt``. A tax line that is sent replaces the computed one of its rate ("you may
supply it when adding a transaction"), and what it differs by is told (type definition: ``OverrideDeltaAmount`` "holds
the difference between the actual tax and overridden amount supplied by the user"); a rate that no line is sent for is
computed, as each is by default. The rate must be one of the lines' codes for this side; what it is on is the lines'
own sum, whatever was sent (type definition of ``NetAmountTaxable``). A line without its ``DetailType`` is refused
(recorded).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from connectors.ledgers.quickbooks_online.sandbox.bodies import ZERO, Body, cents, reference
from connectors.ledgers.quickbooks_online.sandbox.company import Company
from connectors.ledgers.quickbooks_online.sandbox.refusals import business, missing, refuse

HUNDRED = Decimal(100)
PSEUDO_CODES = ("TAX", "NON")

NO_RATE = "Make sure all your transactions have a GST/HST rate before you save."
"""Recorded: a Canadian invoice whose line had no tax code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A tax rate in per cent."""

    id: str
    percent: Decimal


def rates_of(company: Company, code: str, side: str) -> list[Rate]:
    """The rates of a tax code; ``side`` is ``Sales`` or ``Purchase``."""
    details = company.get("TaxCode", code).get(f"{side}TaxRateList", {}).get("TaxRateDetail", [])
    rates = [company.get("TaxRate", reference(detail, "TaxRateRef")) for detail in details]
    return [Rate(id=rate["Id"], percent=rate["RateValue"]) for rate in rates]


def tax(company: Company, body: Body, details: Sequence[tuple[Body, Body]], side: str) -> None:
    """Tax a transaction of these lines with their details: completes the lines and ``TxnTaxDetail``.

    Raises 2020, 2500, 6000, 6100, 6160 and 6170.
    """
    if company.american:
        _american(company, body, details, side)
        return
    method = body.get("GlobalTaxCalculation")
    sent: Body = body.get("TxnTaxDetail") or {}
    if method == "NotApplicable":
        if sent.get("TaxLine") or sent.get("TotalTax"):
            raise refuse(
                "6170", "TxnTaxDetail is not allowed when GlobalTaxCalculation is NotApplicable", "TxnTaxDetail"
            )
        _write(body, [])
        return
    codes = [_code(company, detail) for _, detail in details]
    if details and method is None:
        raise missing("GlobalTaxCalculation")
    bases: defaultdict[str, Decimal] = defaultdict(Decimal)
    rates: dict[str, Rate] = {}
    inside = ZERO
    for (line, detail), code in zip(details, codes, strict=True):
        held = rates_of(company, code, side)
        if method == "TaxInclusive":
            inside += _take_tax_out(line, detail, held)
        for rate in held:
            rates[rate.id] = rate
            bases[rate.id] += line["Amount"]
    lines = _tax_lines(rates, bases, sent)
    if method == "TaxInclusive" and lines and not sent.get("TaxLine"):
        lines[-1]["Amount"] += inside - sum((line["Amount"] for line in lines), ZERO)
    _write(body, lines)


def owed(company: Company, body: Body) -> dict[str, Decimal]:
    """The tax of a transaction by the account it goes to."""
    by_account: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in body.get("TxnTaxDetail", {}).get("TaxLine", []):
        rate = company.get("TaxRate", reference(line["TaxLineDetail"], "TaxRateRef"))
        by_account[company.agency_accounts[reference(rate, "AgencyRef")]] += line["Amount"]
    return dict(by_account)


def _american(company: Company, body: Body, details: Sequence[tuple[Body, Body]], side: str) -> None:
    body.pop("GlobalTaxCalculation", None)
    sent: Body = body.get("TxnTaxDetail") or {}
    taxable = ZERO
    for line, detail in details:
        code = reference(detail, "TaxCodeRef") or "NON"
        if code not in PSEUDO_CODES:
            raise refuse(
                "6100", f"Valid Line TaxCodes for US should be TAX or NON. Supplied value:{code}", "TaxCodeRef"
            )
        detail["TaxCodeRef"] = {"value": code}
        taxable += line["Amount"] if code == "TAX" else ZERO
    if company.preference("TaxPrefs", "PartnerTaxEnabled"):
        _computed_here(company, body, taxable, side)
        return
    if company.resolve(sent, "TxnTaxCodeRef", "TaxCode") is None:
        _write(body, [])
        return
    code = reference(sent, "TxnTaxCodeRef")
    if code in PSEUDO_CODES:
        raise refuse("6160", f"The tax code {code} cannot be used to create a transaction", "TxnTaxCodeRef")
    rates = {rate.id: rate for rate in rates_of(company, code, side)}
    _write(body, _tax_lines(rates, dict.fromkeys(rates, taxable), sent))
    body["TxnTaxDetail"]["TxnTaxCodeRef"] = {"value": code}


def _computed_here(company: Company, body: Body, taxable: Decimal, side: str) -> None:
    """Automated sales tax: the company's own place decides, and what was sent counts for nothing."""
    code = next(code["Id"] for code in company.every("TaxCode") if code["Id"] not in PSEUDO_CODES)
    rates = {rate.id: rate for rate in rates_of(company, code, side)} if taxable else {}
    _write(body, _tax_lines(rates, dict.fromkeys(rates, taxable), {}))


def _code(company: Company, detail: Body) -> str:
    if company.resolve(detail, "TaxCodeRef", "TaxCode") is None:
        raise business(NO_RATE)
    detail["TaxCodeRef"] = {"value": reference(detail, "TaxCodeRef")}
    return reference(detail, "TaxCodeRef")


def _take_tax_out(line: Body, detail: Body, rates: Iterable[Rate]) -> Decimal:
    if "TaxInclusiveAmt" not in detail:
        detail["TaxInclusiveAmt"] = line["Amount"]
        percent = sum((rate.percent for rate in rates), ZERO)
        line["Amount"] = cents(line["Amount"] * HUNDRED / (HUNDRED + percent))
    inside: Decimal = detail["TaxInclusiveAmt"] - line["Amount"]
    return inside


def _tax_lines(rates: dict[str, Rate], bases: dict[str, Decimal], sent: Body) -> list[Body]:
    given = dict(_given(line, rates) for line in sent.get("TaxLine") or [])
    lines = []
    for rate in rates.values():
        computed = cents(bases[rate.id] * rate.percent / HUNDRED)
        line = _tax_line(rate, bases[rate.id], given.get(rate.id, computed))
        if line["Amount"] != computed:
            line["TaxLineDetail"]["OverrideDeltaAmount"] = line["Amount"] - computed
        lines.append(line)
    return lines


def _given(line: Body, rates: dict[str, Rate]) -> tuple[str, Decimal]:
    detail = line.get("TaxLineDetail") or {}
    if "DetailType" not in line:
        raise missing("TxnTaxDetail.TaxLine.DetailTypeEnum")
    id_ = reference(detail, "TaxRateRef")
    if not id_:
        raise missing("TaxRateRef")
    if id_ not in rates:
        raise refuse("2500", f"Invalid Reference Id : TaxRate element id {id_} not found", "TaxRateRef")
    if "Amount" not in line:
        raise missing("Amount")
    return id_, cents(line["Amount"])


def _tax_line(rate: Rate, base: Decimal, amount: Decimal) -> Body:
    return {
        "Amount": amount,
        "DetailType": "TaxLineDetail",
        "TaxLineDetail": {
            "TaxRateRef": {"value": rate.id},
            "PercentBased": True,
            "TaxPercent": rate.percent,
            "NetAmountTaxable": base,
        },
    }


def _write(body: Body, lines: list[Body]) -> None:
    total = sum((line["Amount"] for line in lines), ZERO)
    body["TxnTaxDetail"] = {"TotalTax": total, **({"TaxLine": lines} if lines else {})}
