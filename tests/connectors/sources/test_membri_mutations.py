"""Each entry of Membri's mapping is renamed, dropped, swapped with the next and said otherwise.

A witness that is not the mapping has to notice: Connect refuses a name that is not there, and what is read, or what
Membri is told, is not what is written here by hand.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from connectors.conformance.source import posted
from connectors.problems import CannotRun
from connectors.records import (
    Address,
    Allocation,
    Customer,
    DocumentTax,
    ExchangeRate,
    Invoice,
    InvoiceLine,
    Kind,
    Origin,
    Payment,
    RevenueSchedule,
    SyncStatus,
    TaxRounding,
)
from connectors.source import Decided, Pulled, Result
from connectors.sources.membri import connector
from connectors.sources.membri.environment import Environment
from connectors.sources.membri.fitting import fitted
from connectors.sources.membri.mapping import DEFAULT, Names
from connectors.sources.membri.sandbox import Sandbox
from tests.connectors.sources.membri_harness import SECRETS, MembriHarness

TOLD = tomllib.loads(DEFAULT)
WHOLE = Decimal("57.49")


class Filled:
    """One record of each table, every column of which says something of its own."""

    def __init__(self, harness: MembriHarness) -> None:
        add, of = harness.sandbox.add, harness.chapter
        currency = add("transactioncurrency", isocurrencycode="USD")
        terms = add("cdc_terms", cdc_code="NET30", cdc_name="Net 30 jours")
        revenue = add("cdc_glaccount", cdc_code="4100", cdc_name="Cotisations")
        deferred = add("cdc_glaccount", cdc_code="2400", cdc_name="Cotisations reportées")
        product = add("cdc_product", cdc_code="DUES", cdc_name="Cotisation annuelle", cdc_glaccountid=revenue)
        group = add(
            "cdc_taxgroup", cdc_name="QC", cdc_syncreference="S-QC", cdc_taxcalculation=282210001, cdc_applygst=True,
            cdc_gstname="TPS", cdc_gstrate=Decimal(5), cdc_gstnumber="RT1", cdc_gstsyncreference="S-TPS",
            cdc_applypst=True, cdc_pstname="TVQ", cdc_pstrate=Decimal("9.975"), cdc_pstnumber="TQ1",
            cdc_pstsyncreference="S-TVQ",
        )  # fmt: skip
        self.parent = add("account", name="Fédération", cdc_chapterid=of)
        self.account = add(
            "account", name="Club Roy", accountnumber="10001", cdc_chapterid=of, cdc_isperson=True,
            cdc_firstname="Ève", cdc_lastname="Roy", cdc_billingcontact="La trésorière", emailaddress1="e@example.org",
            telephone1="418 555-0100", telephone2="418 555-0101", fax="418 555-0102", websiteurl="https://example.org",
            address1_line1="1 rue A", address1_city="Lévis", address1_stateorprovince="QC",
            address1_postalcode="G6V 1A1", address1_country="CA", address2_line1="9 rue Z", address2_city="Alma",
            address2_stateorprovince="ON", address2_postalcode="G8B 2B2", address2_country="US",
            parentaccountid=self.parent, cdc_careof="Me Dubé", cdc_termsid=terms, cdc_taxexempt=True,
            cdc_exemptreason="Organisme", description="Notes", transactioncurrencyid=currency,
            cdc_syncreference="R-A", cdc_syncstatus=282210005, cdc_newaccountforsync=True,
        )  # fmt: skip
        money = {"transactioncurrencyid": currency, "cdc_exchangerate": Decimal("1.35"),
                 "cdc_exchangeratedate": "2026-01-14", "cdc_exchangeratesource": "BdC"}  # fmt: skip
        self.first = harness.add_invoice(self.account, Decimal(20))
        harness.sandbox.rows("cdc_invoice")[self.first]["cdc_number"] = "F-1"
        self.invoice = add(
            "cdc_invoice", cdc_invoicetype=282210011, cdc_number="F-2", cdc_chapterid=of, cdc_accountid=self.account,
            cdc_invoicedate="2026-01-15", cdc_duedate="2026-02-14", **money, cdc_subtotal=Decimal(50),
            cdc_totaltax=Decimal("7.49"), cdc_total=WHOLE, cdc_balance=Decimal(40), cdc_taxgroupid=group,
            cdc_gstamount=Decimal("2.50"), cdc_gstbase=Decimal(50), cdc_pstamount=Decimal("4.99"),
            cdc_pstbase=Decimal("49.99"), cdc_careof="Me Roy", cdc_province="QC", cdc_termsid=terms, cdc_sent=False,
            cdc_cancelled=True, cdc_billingemail="f@example.org", cdc_description="Note de facture",
            cdc_syncreference="R-F", cdc_syncstatus=282210004, cdc_status=282210002,
        )  # fmt: skip
        line = add("cdc_invoiceline", cdc_invoiceid=self.invoice, cdc_linenumber=3, cdc_description="Cotisation",
                   cdc_quantity=Decimal(2), cdc_unitprice=Decimal(25), cdc_amount=Decimal(50),
                   cdc_taxamount=Decimal("7.49"), cdc_productid=product, cdc_glaccountid=deferred,
                   cdc_taxgroupid=group, cdc_class="EST")  # fmt: skip
        self.refund = add(
            "cdc_invoice", cdc_invoicetype=282210010, cdc_number="R-1", cdc_chapterid=of, cdc_accountid=self.account,
            cdc_invoicedate="2026-01-16", cdc_subtotal=Decimal(0), cdc_totaltax=Decimal(0), cdc_total=Decimal(0),
            cdc_balance=Decimal(0), cdc_originalinvoiceid=self.invoice, cdc_paymentmethod=282210001,
            cdc_depositaccount="1010",
        )  # fmt: skip
        self.payment = add(
            "cdc_payment", cdc_number="P-1", cdc_chapterid=of, cdc_accountid=self.account,
            cdc_paymentdate="2026-01-20", **money, cdc_amount=Decimal(30), cdc_invoiceid=self.invoice,
            cdc_fee=Decimal("1.10"), cdc_paymentmethod=282210000, cdc_depositaccount="1050",
            cdc_confirmationnumber="C-77", cdc_description="Note de paiement", cdc_syncreference="R-P",
            cdc_syncstatus=282210000,
        )  # fmt: skip
        self.other = harness.add_payment(self.account, self.first, Decimal(5))
        harness.sandbox.rows("cdc_payment")[self.other]["cdc_invoiceid"] = None
        add("cdc_paymentallocation", cdc_paymentid=self.other, cdc_invoiceid=self.first, cdc_amount=Decimal(4),
            cdc_discount=Decimal("0.50"))  # fmt: skip
        self.contribution = add(
            "cdc_contribution", cdc_invoiceid=self.invoice, cdc_invoicelineid=line, cdc_startdate="2026-01-01",
            cdc_months=12, cdc_amount=Decimal("49.98"), cdc_deferredaccountid=deferred, cdc_revenueaccountid=revenue,
        )  # fmt: skip
        add("cdc_accountingsettings", cdc_chapterid=of, cdc_synchronize=True, cdc_newaccountdefault=False,
            cdc_synchronizewhenpaid=True)  # fmt: skip

    def is_read(self, pulled: Pulled) -> bool:
        """Whether everything is read as it was entered."""
        found = {(each.kind, each.key): each for each in pulled.records}
        rate = ExchangeRate(rate=Decimal("1.35"), date=date(2026, 1, 14), source="BdC")
        line = InvoiceLine(
            key=f"{self.invoice}/3", number=3, description="Cotisation", amount=Decimal(50), quantity=Decimal(2),
            unit_price=Decimal(25), item="DUES", gl_account="2400", tax_group="QC", class_code="EST",
            tax_amount=Decimal("7.49"),
        )  # fmt: skip
        refund, first = found.get((Kind.REFUND, self.refund)), found.get((Kind.INVOICE, self.first))
        other = found.get((Kind.PAYMENT, self.other))
        return (
            found.get((Kind.CUSTOMER, self.account)) == Customer(
                key=self.account, number="10001", sync_reference="R-A", name="Club Roy", is_person=True,
                first_name="Ève", last_name="Roy", contact="La trésorière", email="e@example.org",
                phone="418 555-0100", mobile="418 555-0101", fax="418 555-0102", website="https://example.org",
                billing=Address(street="1 rue A", city="Lévis", region="QC", postal_code="G6V 1A1", country="CA"),
                shipping=Address(street="9 rue Z", city="Alma", region="ON", postal_code="G8B 2B2", country="US"),
                parent=self.parent, care_of="Me Dubé", terms="NET30", tax_exempt=True, exempt_reason="Organisme",
                notes="Notes", currency="USD",
            )
            and found.get((Kind.INVOICE, self.invoice)) == Invoice(
                key=self.invoice, number="F-2", sync_reference="R-F", date=date(2026, 1, 15), customer=self.account,
                currency="USD", lines=(line,), subtotal=Decimal(50), tax=Decimal("7.49"), total=WHOLE,
                taxes=(DocumentTax(tax="TPS", amount=Decimal("2.50"), base=Decimal(50)),
                       DocumentTax(tax="TVQ", amount=Decimal("4.99"), base=Decimal("49.99"))),
                balance=Decimal(40), due=date(2026, 2, 14), care_of="Me Roy", province="QC", origin=Origin.RENEWAL,
                terms="NET30", sent=False, cancelled=True, memo="Note de facture", email="f@example.org",
                exchange=rate,
            )
            and refund is not None
            and (refund.invoice, refund.method, refund.deposit_account) == (self.invoice, "CHEQUE", "1010")
            and first is not None
            and (first.number, first.origin) == ("F-1", Origin.MANUAL)
            and found.get((Kind.PAYMENT, self.payment)) == Payment(
                key=self.payment, number="P-1", sync_reference="R-P", date=date(2026, 1, 20), customer=self.account,
                currency="USD", amount=Decimal(30), allocations=(Allocation(invoice=self.invoice, amount=Decimal(30)),),
                method="CARD", deposit_account="1050", memo="Note de paiement", confirmation="C-77",
                fee=Decimal("1.10"), exchange=rate,
            )
            and other is not None
            and other.allocations == (Allocation(invoice=self.first, amount=Decimal(4), discount=Decimal("0.50")),)
            and pulled.schedules == (RevenueSchedule(
                key=self.contribution, invoice=self.invoice, line=3, start=date(2026, 1, 1), months=12,
                amount=Decimal("49.98"), deferred_account="2400", revenue_account="4100",
            ),)
            and len(found) == 7
            and self._lists(pulled)
            and self._decided(pulled)
        )  # fmt: skip

    def _lists(self, pulled: Pulled) -> bool:
        lists = pulled.lists
        [group] = lists.tax_groups
        return (
            {(each.code, each.name) for each in lists.accounts}
            == {("4100", "Cotisations"), ("2400", "Cotisations reportées")}
            and [(each.code, each.name, each.account) for each in lists.items]
            == [("DUES", "Cotisation annuelle", "4100")]
            and [(t.code, t.name, t.rate, t.registration, t.sync_reference) for t in lists.taxes]
            == [("TPS", "TPS", Decimal(5), "RT1", "S-TPS"), ("TVQ", "TVQ", Decimal("9.975"), "TQ1", "S-TVQ")]
            and (group.code, group.name, group.taxes, group.rounding, group.sync_reference)
            == ("QC", "QC", ("TPS", "TVQ"), TaxRounding.ROUNDED_SUM, "S-QC")
            and [(each.code, each.name) for each in lists.terms] == [("NET30", "Net 30 jours")]
        )

    def _decided(self, pulled: Pulled) -> bool:
        wanted = {
            (Kind.CUSTOMER, self.account): Decided(status=SyncStatus.IN_REVIEW, new_account=True),
            (Kind.INVOICE, self.invoice): Decided(status=SyncStatus.DO_NOT_SYNC),
            (Kind.PAYMENT, self.payment): Decided(status=SyncStatus.STAND_BY),
        }
        rules = {"new_account_default": False, "all_when_paid": True}
        return wanted.items() <= pulled.decided.items() and pulled.rules == rules


RESULTS = {"accounts": (Kind.CUSTOMER, "account"), "invoices": (Kind.INVOICE, "cdc_invoice"),
           "payments": (Kind.PAYMENT, "cdc_payment")}  # fmt: skip


class Bench:
    """An environment with one of everything, and a source whose mapping may be another."""

    def __init__(self, sandbox: Sandbox, folder, patch: pytest.MonkeyPatch) -> None:
        self.harness = MembriHarness(sandbox, folder, page=500)
        self.filled = Filled(self.harness)
        self._patch = patch
        with self.harness.open() as source:
            source.connect()
            self._environment = Environment(source._api)
            self._fit(Names.model_validate(TOLD), source)

    def notices(self, names: dict) -> bool:
        """Whether something is noticed of a mapping: it is refused, or reads or tells otherwise."""
        try:
            told = Names.model_validate(names)
            with self.harness.open() as source:
                self._patch.setattr(connector, "load", lambda _: told)
                self._patch.setattr(connector, "fitted", lambda *_: self._fit(told, source))
                return not self.filled.is_read(source.pull()) or not all(self._is_told(source))
        except (CannotRun, ValueError, KeyError):
            return True

    def _fit(self, names: Names, source):
        self._environment._api = source._api
        return fitted(names, self._environment, self.harness.settings.url, self.harness.settings.mapping_file)

    def _is_told(self, source) -> Iterator[bool]:
        for kind, table in RESULTS.values():
            key = {Kind.CUSTOMER: self.filled.account, Kind.INVOICE: self.filled.invoice,
                   Kind.PAYMENT: self.filled.payment}[kind]  # fmt: skip
            row = self.harness.sandbox.rows(table)[key]
            kept = dict(row)
            done = Result(**{**_fields(posted(kind, key)), "former": frozenset({row["cdc_syncreference"]})})
            failed = Result(**{**_fields(done), "status": SyncStatus.ERROR, "reason": "Refusé"})
            try:
                source.acknowledge([failed])
                refused = (row["cdc_syncstatus"], row["cdc_syncerror"])
                source.acknowledge([done])
                whole = dict(row)
            finally:
                row.clear()
                row.update(kept)
            told = (whole["cdc_syncstatus"], whole["cdc_syncreference"], whole["cdc_syncerror"],
                    whole.get("cdc_status"), whole.get("cdc_accountingnumber"))  # fmt: skip
            number = done.ledger_number if "cdc_accountingnumber" in whole else None
            status = 282210003 if kind is Kind.INVOICE else None
            yield refused == (282210003, "Refusé") and told == (282210002, done.sync_reference, None, status, number)


def _fields(result: Result) -> dict[str, object]:
    return {name: getattr(result, name) for name in result.__dataclass_fields__}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with pytest.MonkeyPatch.context() as patch, Sandbox() as sandbox:
        for name, value in SECRETS.items():
            patch.setenv(name, value)
        yield Bench(sandbox, tmp_path_factory.mktemp("membri"), patch)


def changed(path: tuple[str, ...], entries: dict[str, str]) -> dict:
    """The mapping with other entries at a place."""

    def within(told: dict, steps: tuple[str, ...]) -> dict:
        return dict(entries) if not steps else {**told, steps[0]: within(told.get(steps[0], {}), steps[1:])}

    return within(TOLD, path)


def places() -> Iterator[tuple[tuple[str, ...], dict[str, str]]]:
    """Where names stand in the mapping."""
    for name, table in TOLD["tables"].items():
        yield ("tables", name, "columns"), table["columns"]
    yield ("settings", "columns"), TOLD["settings"]["columns"]
    for name, told in TOLD["told"].items():
        yield ("told", name), {key: value for key, value in told.items() if isinstance(value, str)}
    yield ("told", "invoices", "done"), TOLD["told"]["invoices"]["done"]
    yield ("statuses",), TOLD["statuses"]


def mutations() -> Iterator[tuple[str, str, dict]]:
    for path, entries in places():
        inner = {key: value for key, value in _at(path).items() if key not in entries}
        names = list(entries)
        for place, name in enumerate(names):
            where = ".".join((*path, name))
            yield "renamed", where, changed(path, {**inner, **entries, name: _renamed(entries[name])})
            rest = {key: value for key, value in entries.items() if key != name}
            yield "dropped", where, changed(path, {**inner, **rest})
            other = names[(place + 1) % len(names)]
            if entries[other] != entries[name]:
                swapped = {**entries, name: entries[other], other: entries[name]}
                yield "swapped", where, changed(path, {**inner, **swapped})


def _at(path: tuple[str, ...]) -> dict:
    found: dict = TOLD
    for step in path:
        found = found[step]
    return found


def _renamed(name: str) -> str:
    return f"{name[:-1]}9" if name.isdigit() else f"{name}x"


MUTATIONS = list(mutations())
UNNOTICED = {
    ("dropped", "tables.tax_groups.columns.name"): "empty means the code, and here they are the same",
    ("dropped", "tables.gst.columns.name"): "as of a tax group",
    ("dropped", "tables.pst.columns.name"): "as of a tax group",
    ("dropped", "settings.columns.synchronize"): "yes is what is meant where nothing is said",
    ("dropped", "settings.columns.dues_when_paid"): "nothing is said of it here",
}
"""What nobody can notice, and why."""


def test_the_mapping_as_it_comes_is_not_noticed(bench: Bench) -> None:
    assert not bench.notices(TOLD)


@pytest.mark.parametrize("kind", ["renamed", "dropped", "swapped"])
def test_every_mutation_of_every_name_is_noticed(bench: Bench, kind: str) -> None:
    tried = [(where, names) for what, where, names in MUTATIONS if what == kind]
    left = {where for where, names in tried if not bench.notices(names)}
    assert left == {where for what, where in UNNOTICED if what == kind}
    assert len(tried) > 100
    assert not bench.notices(TOLD), "nothing was left behind by any of them"
