"""``taxservice/taxcode``: the one way to make tax codes and rates."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from connectors.ledgers.quickbooks_online.sandbox.bodies import Body
from connectors.ledgers.quickbooks_online.sandbox.company import Company
from connectors.ledgers.quickbooks_online.sandbox.fields import read
from connectors.ledgers.quickbooks_online.sandbox.refusals import missing, name_taken, refuse

_SIDES = ("Sales", "Purchase")


def create(company: Company, sent: object) -> Body:
    """Make a tax code of new or existing rates. Raises 2010, 2020, 2080, 2170, 2500 and 6240."""
    body = read("TaxService", sent, latin=company.american)
    if not body.get("TaxCode"):
        raise missing("TaxCode")
    if not body.get("TaxRateDetails"):
        raise missing("TaxRateDetails")
    if company.named("TaxCode", body["TaxCode"]):
        raise name_taken("tax code")
    details = [_read(company, detail) for detail in body["TaxRateDetails"]]
    for detail in details:
        if "TaxRateId" not in detail:
            detail["TaxRateId"] = _new_rate(company, detail)
    code = company.insert("TaxCode", code_of(body["TaxCode"], details))
    return {"TaxCode": code["Name"], "TaxCodeId": code["Id"], "TaxRateDetails": [_shown(d) for d in details]}


def code_of(name: str, details: list[Body]) -> Body:
    """A tax code of these rates: ``TaxRateId``, ``TaxRateName`` and ``TaxApplicableOn`` each."""
    rates = {side: [_listed(d) for d in details if d["TaxApplicableOn"] == side] for side in _SIDES}
    return {
        "Name": name,
        "Description": name,
        "Active": True,
        "Taxable": True,
        "TaxGroup": True,
        **{f"{side}TaxRateList": {"TaxRateDetail": rates[side]} for side in _SIDES},
    }


def rate_of(name: str, percent: Decimal, agency: str) -> Body:
    """A tax rate in per cent of an agency."""
    return {
        "Name": name,
        "Description": name,
        "Active": True,
        "RateValue": percent,
        "AgencyRef": {"value": agency},
        "SpecialTaxType": "NONE",
        "DisplayType": "ReadOnly",
    }


def _read(company: Company, detail: Body) -> Body:
    detail.setdefault("TaxApplicableOn", "Sales")
    if id_ := detail.get("TaxRateId"):
        if (rate := company.find("TaxRate", id_)) is None:
            raise refuse("2500", f"Invalid Reference Id : TaxRate element id {id_} not found", "TaxRateId")
        return {**detail, "TaxRateId": rate["Id"], "TaxRateName": rate["Name"], "RateValue": rate["RateValue"]}
    for name in ("TaxRateName", "RateValue", "TaxAgencyId"):
        if name not in detail:
            raise missing(name)
    if company.named("TaxRate", detail["TaxRateName"]):
        raise name_taken("tax rate")
    if company.find("TaxAgency", detail["TaxAgencyId"]) is None:
        id_ = detail["TaxAgencyId"]
        raise refuse("2500", f"Invalid Reference Id : TaxAgency element id {id_} not found", "TaxAgencyId")
    try:
        percent = Decimal(detail["RateValue"].rstrip("%"))
    except InvalidOperation as wrong:
        raise refuse("2080", f"Invalid Number Format. Supplied value:{detail['RateValue']}", "RateValue") from wrong
    return {**detail, "RateValue": percent}


def _new_rate(company: Company, detail: Body) -> str:
    rate = rate_of(detail["TaxRateName"], detail["RateValue"], detail["TaxAgencyId"])
    return str(company.insert("TaxRate", rate)["Id"])


def _listed(detail: Body) -> Body:
    ref = {"value": detail["TaxRateId"], "name": detail["TaxRateName"]}
    return {"TaxTypeApplicable": "TaxOnAmount", "TaxRateRef": ref, "TaxOrder": 0}


def _shown(detail: Body) -> Body:
    return {**detail, "RateValue": f"{detail['RateValue'].normalize():f}%"}
