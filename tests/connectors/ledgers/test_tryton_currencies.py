"""Foreign currency in a real Tryton beyond the contract: its rates, invoices and accounts (books.md, rule 8)."""

from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from connectors.conformance.making import booked, post
from connectors.ledgers.tryton.rpc import Rpc
from connectors.problems import CannotRun
from connectors.records import ExchangeRate, InvoiceLine, Payment
from connectors.secrets.secret import Secret
from tests.connectors.ledgers import test_tryton

pytestmark = pytest.mark.tryton

LINES = """
    SELECT account.code, line.debit - line.credit, line.amount_second_currency + 0, currency.code
    FROM account_move_line AS line JOIN account_account AS account ON account.id = line.account
    LEFT JOIN currency_currency AS currency ON currency.id = line.second_currency
    WHERE line.move = {move} ORDER BY line.id
"""


tryton, harness, ledger = test_tryton.tryton, test_tryton.harness, test_tryton.ledger
make, customer = test_tryton.make, test_tryton.customer
"""A Tryton of this module's own, at its beginning in each test."""


def at(rate, currency="USD"):
    return {"currency": currency, "exchange": ExchangeRate(rate=Decimal(rate), source="Banque du Canada")}


def rates(harness, **of):
    """What a person entered: how many units of each make one of the company's from a day on."""
    values = [{"currency": harness.number_of("currency_currency", "code", code), "date": harness.day.replace(day=1),
               "rate": Decimal(rate)} for code, rate in of.items()]  # fmt: skip
    harness.call("model.currency.currency.rate", "create", values)


def by_hand(harness, customer, amount, number):
    """A person's invoice of Tryton's own in US dollars."""
    ids = {code: harness.number_of("account_account", "code", code) for code in ("1100", "4100")}
    usd, party = (
        harness.number_of("currency_currency", "code", "USD"),
        harness.number_of("party_party", "code", customer),
    )
    [[address]] = harness.query(f"SELECT min(id) FROM party_address WHERE party = {party}")
    [[journal]] = harness.query("SELECT min(id) FROM account_journal WHERE type = 'revenue'")
    line = {"type": "line", "invoice_type": "out", "company": 1, "currency": usd, "quantity": 1.0,
            "unit_price": Decimal(amount), "account": ids["4100"], "description": "À la main"}  # fmt: skip
    values = {"company": 1, "type": "out", "party": party, "invoice_address": address, "currency": usd,
              "account": ids["1100"], "journal": journal, "invoice_date": harness.day, "reference": number,
              "payment_term_date": harness.day, "lines": [["create", [line]]]}  # fmt: skip
    [made] = harness.call("model.account.invoice", "create", [values])
    harness.call("model.account.invoice", "post", [made])


def configure(harness, **accounts):
    named = {f"currency_exchange_{side}_account": harness.number_of("account_account", "code", code) if code else None
             for side, code in accounts.items()}  # fmt: skip
    harness.call("model.account.configuration", "write", [1], named)


def account(harness, code, like, **values):
    """An account by hand, of the type of another."""
    [[type_]] = harness.query(f"SELECT type FROM account_account WHERE code = '{like}'")
    values = {"code": code, "name": code, "company": 1, "type": type_, **values}
    harness.call("model.account.account", "create", [values])


def lines_of(harness, reference):
    rows = harness.query(LINES.format(move=reference.partition(",")[2]))
    return [(code, *(None if each is None else round(Decimal(str(each)), 2) for each in (amount, own)), currency)
            for code, amount, own, currency in rows]  # fmt: skip


def test_the_records_rate_is_booked_whatever_a_person_entered_and_none_is_written(harness, ledger, make, customer):
    rates(harness, CAD="1", USD="0.5")
    before = harness.query("SELECT currency, date, rate FROM currency_currency_rate ORDER BY id")
    [sold] = booked(ledger, make.invoice(customer, "100.00", **at("1.3521")))
    assert lines_of(harness, sold) == [("1100", Decimal("135.21"), Decimal(100), "USD"),
                                       ("4100", Decimal("-135.21"), Decimal(-100), "USD")]  # fmt: skip
    assert harness.query("SELECT currency, date, rate FROM currency_currency_rate ORDER BY id") == before


def test_a_move_says_its_rate_and_who_says_so(harness, ledger, make, customer):
    [sold] = booked(ledger, make.invoice(customer, "100.00", **at("1.3521")))
    texts = harness.query(
        f"SELECT description FROM account_move_line WHERE move = {sold.partition(',')[2]} ORDER BY id"
    )
    assert [text for (text,) in texts if "1.3521" in (text or "")] == ["1.3521 CAD, Banque du Canada"]


def test_what_is_settled_is_reconciled_without_a_move_of_trytons_own(harness, ledger, make, customer):
    [sold] = booked(ledger, make.invoice(customer, "100.00", **at("1.3521")))
    [paid] = booked(ledger, make.payment(customer, "100.00", [(sold, "100.00")], **at("1.4017")))
    assert lines_of(harness, paid) == [
        ("1010", Decimal("140.17"), Decimal(100), "USD"), ("1100", Decimal("-135.21"), Decimal(-100), "USD"),
        ("4800", Decimal("-4.96"), None, None),
    ]  # fmt: skip
    assert harness.query("SELECT count(*) FROM account_move_reconciliation") == [(1,)]
    assert harness.query("SELECT count(*) FROM account_move") == [(2,)]


def test_an_invoice_of_trytons_own_that_a_person_booked_is_paid_at_what_it_came_with(harness, ledger, make, customer):
    """100.00 at 0.739590 is 135.21 there."""
    rates(harness, CAD="1", USD="0.739590")
    by_hand(harness, customer, "100.00", "F-9")
    parts = [("33.33", "1.30"), ("66.67", "1.40")]
    for much, rate in parts:
        booked(ledger, make.payment(customer, much, [("F-9", much)], **at(rate)))
    assert harness.query("SELECT state FROM account_invoice") == [("paid",)]
    balances = harness.balances()
    assert balances["1100"] == 0
    assert balances["4800"] == Decimal("135.21") - Decimal("43.33") - Decimal("93.34")
    assert harness.query("SELECT count(*) FROM account_move") == [(3,)]


def test_gains_and_losses_go_to_the_accounts_of_the_configuration_and_come_back_from_there(harness, make, customer):
    account(harness, "5800", "5300")
    configure(harness, credit="4800", debit="5800")
    with harness.open() as ledger:
        first, second = booked(ledger, *(make.invoice(customer, "100.00", **at("1.35")) for _ in range(2)))
        gaining = make.payment(customer, "100.00", [(first, "100.00")], **at("1.40"))
        losing = make.payment(customer, "100.00", [(second, "100.00")], **at("1.30"))
        [paid, _] = booked(ledger, gaining, losing)
        assert (harness.balances()["4800"], harness.balances()["5800"]) == (Decimal(-5), Decimal(5))
        booked(ledger, make.returned(customer, paid, **at("1.20")))
        assert (harness.balances()["4800"], harness.balances()["5800"]) == (0, Decimal(5))


def test_without_such_accounts_what_settles_is_refused_unless_the_settings_name_one(harness, make):
    configure(harness, credit=None, debit=None)
    with harness.open() as ledger:
        [customer] = booked(ledger, make.customer())
        [sold] = booked(ledger, make.invoice(customer, "100.00", **at("1.35")))
        payment = make.payment(customer, "100.00", [(sold, "100.00")], **at("1.40"))
        assert post(ledger, payment)[payment.key].problem.code == "exchange_account_missing"
        assert (ledger.lists().gains, ledger.lists().losses) == ("", "")
    settings = harness.settings.model_copy(update={"exchange": "4900"})
    with type(ledger)(settings) as ledger:
        booked(ledger, payment)
        assert harness.balances()["4900"] == Decimal(-5)
    with type(ledger)(settings.model_copy(update={"exchange": "4999"})) as ledger, pytest.raises(CannotRun) as stopped:
        ledger.connect()
    assert stopped.value.problems[0].params["setting"] == "ledger.exchange"


def test_a_currency_that_tryton_has_not_is_refused(ledger, make, customer):
    assert ledger.lists().currencies == ("CAD", "USD")
    posting = make.invoice(customer, "100.00", **at("1.50", "EUR"))
    assert post(ledger, posting)[posting.key].problem.code == "currency_not_in_ledger"


def test_an_account_of_one_currency_takes_money_of_that_alone(harness, ledger, make, customer):
    """Tryton wants every line of such an account in its currency (``second_currency_required``, 8.2)."""
    usd = harness.number_of("currency_currency", "code", "USD")
    account(harness, "1020", "1010", second_currency=usd)
    with harness.open() as ledger:
        home = make.payment(customer, "10.00", deposit_account="1020")
        assert post(ledger, home)[home.key].problem.code == "money_in_another_currency"
        [paid] = booked(ledger, make.payment(customer, "10.00", deposit_account="1020", **at("1.35")))
    assert lines_of(harness, paid)[0] == ("1020", Decimal("13.50"), Decimal(10), "USD")


def test_a_persons_payment_in_a_foreign_currency_is_told_and_owed_in_it(harness, ledger, customer):
    since = datetime.now(UTC).replace(microsecond=0)
    ids = {code: harness.number_of("account_account", "code", code) for code in ("1010", "1100")}
    usd, party = (
        harness.number_of("currency_currency", "code", "USD"),
        harness.number_of("party_party", "code", customer),
    )
    [[journal]] = harness.query("SELECT min(id) FROM account_journal WHERE type = 'cash'")
    [[period]] = harness.query(f"SELECT id FROM account_period WHERE '{harness.day}' BETWEEN start_date AND end_date")
    lines = [
        {"account": ids["1010"], "debit": Decimal(27), "credit": Decimal(0)},
        {"account": ids["1100"], "debit": Decimal(0), "credit": Decimal(27), "party": party, "second_currency": usd,
         "amount_second_currency": Decimal(-20)},
    ]  # fmt: skip
    values = {"company": 1, "journal": journal, "period": period, "date": harness.day, "lines": [["create", lines]],
              "description": "Chèque"}  # fmt: skip
    [made] = harness.call("model.account.move", "create", [values])
    harness.call("model.account.move", "post", [made])
    [told] = [each.record for each in ledger.changes(since).changes if isinstance(each.record, Payment)]
    assert (told.currency, told.amount, told.customer) == ("USD", Decimal(20), customer)
    [owed] = ledger.aged_receivables(harness.day)
    assert (owed.currency, owed.total) == ("USD", Decimal(-20))


def test_deferred_dues_in_a_foreign_currency_are_paid_and_credited_in_part(harness, ledger, make, customer):
    line = InvoiceLine(key="1", number=1, description="Dues", amount=Decimal(100), ledger_account="2400")
    [sold] = booked(ledger, make.invoice(customer, lines=(line,), **at("1.3521")))
    booked(ledger, make.payment(customer, "40.00", [(sold, "40.00")], **at("1.3521")))
    assert harness.balances()["1100"] == Decimal("81.13")
    assert harness.query("SELECT count(*) FROM account_move_reconciliation") == [(0,)]


def test_money_on_account_that_a_person_matches_gains_by_a_move_of_trytons_own(harness, ledger, make, customer):
    """What is applied later is matched by hand; Tryton books the difference on the accounts of its configuration."""
    booked(ledger, make.invoice(customer, "100.00", **at("1.35")), make.payment(customer, "100.00", **at("1.40")))
    ids = [row[0] for row in harness.query("SELECT id FROM account_move_line WHERE party IS NOT NULL ORDER BY id")]
    with closing(Rpc(harness.settings, lambda: Secret(harness.password))) as rpc:
        session, start, _ = rpc.call("wizard.account.move.reconcile_lines.create", rpc.context)
        context = {"company": 1, "active_model": "account.move.line", "active_id": ids[0], "active_ids": ids}
        rpc.call("wizard.account.move.reconcile_lines.execute", session, {}, start, context)
    assert harness.balances()["1100"] == 0
    assert harness.balances()["4800"] == Decimal(-5)
    assert ledger.aged_receivables(harness.day.replace(year=2027)) == []
