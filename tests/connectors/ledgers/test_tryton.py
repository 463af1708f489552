"""What a real Tryton does with our postings beyond the contract: its own documents, matching, crashes, refusals."""

import ast
import re
import socket
import sqlite3
import threading
import xml.etree.ElementTree as ET
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import connectors.ledgers.tryton
from connectors.conformance.making import Making, booked, post, void
from connectors.ledger import Posted, Rejected, Unknown
from connectors.ledgers.tryton import batch, sandbox
from connectors.ledgers.tryton.connector import TrytonLedger
from connectors.ledgers.tryton.mapping import _quantity
from connectors.ledgers.tryton.problems import TABLE, Refusal
from connectors.ledgers.tryton.settings import TrytonSettings
from connectors.problems import CannotRun
from connectors.records import DocumentTax, InvoiceLine, Kind
from connectors.registry import GIVEN
from connectors.secrets.store import variable
from tests.connectors.ledgers.tryton_harness import served

CODE = Path(connectors.ledgers.tryton.__file__).parent

pytestmark = pytest.mark.tryton

UNTIL = """
    SELECT line.account, sum(line.debit - line.credit) FROM account_move_line AS line
    JOIN account_move AS move ON move.id = line.move WHERE move.date <= '2024-03-31' GROUP BY line.account
"""
"""What was booked until the end of a month."""


@pytest.fixture(scope="module")
def tryton(tmp_path_factory):
    try:
        with served(tmp_path_factory.mktemp("tryton")) as harness:
            yield harness
    except CannotRun as missing:
        pytest.skip(f"Tryton cannot be installed from PyPI: {missing}")


@pytest.fixture
def harness(tryton):
    return tryton.begin_anew()


@pytest.fixture
def ledger(harness):
    with harness.open() as ledger:
        yield ledger
    harness.check()


@pytest.fixture
def make(harness):
    return Making(harness, "CAD")


@pytest.fixture
def customer(ledger, make):
    return booked(ledger, make.customer())[0]


def invoices(harness, columns="state", where="1 = 1"):
    return harness.query(f"SELECT {columns} FROM account_invoice WHERE {where} ORDER BY id")


def on_account(account, amount="100.00"):
    return (InvoiceLine(key="1", number=1, description="?", amount=Decimal(amount), ledger_account=account),)


# --- what becomes of a document


def test_an_invoice_is_one_of_trytons_own_with_its_tax_in_the_tax_report(harness, ledger, make, customer):
    taxes = (DocumentTax(tax="GST", amount=Decimal("5.00"), base=Decimal("100.00"), ledger_tax="2310"),)
    posting = make.invoice(customer, "100.00", tax="5.00", taxes=taxes)
    outcome = post(ledger, posting)[posting.key]
    assert outcome.ledger_id.startswith("account.invoice,")
    assert outcome.url.startswith(harness.settings.url)
    assert invoices(harness, "state, number, reference") == [("posted", "F2024-1", posting.record.number)]
    lines = harness.query("SELECT line.type, line.amount + 0, tax.name FROM account_tax_line AS line "
                          "JOIN account_tax AS tax ON tax.id = line.tax ORDER BY line.type")  # fmt: skip
    assert lines == [("base", 100, "TPS / GST 5 %"), ("tax", 5, "TPS / GST 5 %")]


@pytest.mark.parametrize(("amount", "rate"), [("13.00", "13 %"), ("15.00", "15 %")])
def test_of_two_taxes_on_one_account_the_rate_tells_which(harness, ledger, make, customer, amount, rate):
    taxes = (DocumentTax(tax="HST", amount=Decimal(amount), base=Decimal("100.00"), ledger_tax="2330"),)
    booked(ledger, make.invoice(customer, "100.00", tax=amount, taxes=taxes))
    [(name,)] = harness.query("SELECT DISTINCT tax.name FROM account_tax_line AS line "
                              "JOIN account_tax AS tax ON tax.id = line.tax")  # fmt: skip
    assert name.endswith(rate)


def test_what_trytons_invoices_do_not_take_is_booked_as_a_move_and_paid_like_one(harness, ledger, make, customer):
    """Tryton's invoice lines take accounts of the type revenue alone (``account.invoice.line._account_domain``)."""
    [deferred] = booked(ledger, make.invoice(customer, lines=on_account("2400")))
    assert deferred.startswith("account.move,")
    assert invoices(harness) == []
    booked(ledger, make.payment(customer, "40.00", [(deferred, "40.00")]))
    assert harness.query("SELECT count(*) FROM account_move_reconciliation") == [(0,)]
    booked(ledger, make.document(Kind.CREDIT_NOTE, customer, "60.00", applied=[(deferred, "60.00")]))
    assert harness.query("SELECT count(*) FROM account_move_reconciliation") == [(1,)]
    assert ledger.aged_receivables(harness.day) == []


def test_a_paid_invoice_is_paid_in_tryton_and_a_part_payment_is_tied_to_it(harness, ledger, make, customer):
    whole, part = booked(ledger, make.invoice(customer, "100.00"), make.invoice(customer, "50.00"))
    booked(ledger, make.payment(customer, "130.00", [(whole, "100.00"), (part, "30.00")]))
    assert invoices(harness) == [("paid",), ("posted",)]
    assert harness.query('SELECT invoice FROM "account_invoice-account_move_line" ORDER BY invoice') == [(1,), (2,)]
    booked(ledger, make.payment(customer, "20.00", [(part, "20.00")]))
    assert invoices(harness) == [("paid",), ("paid",)]


def test_a_credit_note_of_the_whole_amount_closes_its_invoice(harness, ledger, make, customer):
    [invoice] = booked(ledger, make.invoice(customer, "100.00"))
    booked(ledger, make.document(Kind.CREDIT_NOTE, customer, "100.00", applied=[(invoice, "100.00")]))
    assert invoices(harness) == [("paid",), ("paid",)]


def test_a_payment_may_name_an_invoice_that_a_person_booked_by_its_number(harness, ledger, make, customer):
    booked(ledger, make.invoice(customer, "100.00"))
    [(number,)] = invoices(harness, "number")
    booked(ledger, make.payment(customer, "100.00", [(number, "100.00")]))
    assert invoices(harness) == [("paid",)]


def test_an_invoice_that_comes_late_is_booked_on_its_date_and_issued_in_trytons_order(harness, ledger, make, customer):
    """Tryton refuses to number a sale before the last one's date (``msg_invoice_number_after``)."""
    booked(ledger, make.invoice(customer, date=date(2024, 5, 20)))
    booked(ledger, make.invoice(customer, date=date(2024, 2, 3)), make.invoice(customer, date=date(2025, 1, 2)))
    assert invoices(harness, "invoice_date") == [("2024-05-20",), ("2024-05-20",), ("2025-01-02",)]
    moves = harness.query("SELECT date FROM account_move ORDER BY id")
    assert sorted(moves) == [("2024-02-03",), ("2024-05-20",), ("2025-01-02",)]


def test_quantity_and_price_are_kept_where_they_come_to_the_amount(harness, ledger, make, customer):
    lines = (
        replace(on_account("4100", "37.50")[0], quantity=Decimal("2.5"), unit_price=Decimal("15.00")),
        replace(on_account("4100", "10.00")[0], key="2", quantity=Decimal(3), unit_price=Decimal("3.333333")),
    )
    booked(ledger, make.invoice(customer, lines=lines, subtotal=Decimal("47.50"), total=Decimal("47.50")))
    found = harness.query("SELECT quantity, unit_price FROM account_invoice_line ORDER BY id")
    assert [(Decimal(str(quantity)), Decimal(price.decode())) for quantity, price in found] == [
        (Decimal("2.5"), Decimal(15)),
        (Decimal(1), Decimal(10)),
    ]


@example(Decimal("0.5"), Decimal("12.25"), Decimal("6.13"))
@given(st.decimals(-1000, 1000, places=3), st.decimals(-1000, 1000, places=6), st.decimals(-(10**6), 10**6, places=2))
def test_a_line_always_comes_to_its_amount(quantity, price, amount):
    line = InvoiceLine(key="1", number=1, description="", amount=amount, quantity=quantity, unit_price=price)
    times, each = _quantity(line, "CAD")
    assert round(times * each, 2) == amount


# --- exactly once


def test_a_posting_sent_again_is_answered_with_what_is_there(harness, ledger, make, customer):
    """What came back needs the payment that it was, and is sent again in the conformance suite (returning)."""
    kinds = sorted(set(Kind) - {Kind.CUSTOMER, Kind.RETURNED_PAYMENT})
    postings = [make.customer(), *(make.of_kind(kind, customer, customer) for kind in kinds)]
    first = post(ledger, *postings)
    with harness.open() as another:
        again = post(another, *postings)
    assert {key: outcome.ledger_id for key, outcome in again.items()} == {k: o.ledger_id for k, o in first.items()}
    assert all(outcome.replayed for outcome in again.values())


@pytest.mark.parametrize("how", ["archived", "merged"])
def test_a_customer_is_found_whatever_a_person_did_to_its_identifier(harness, ledger, make, how):
    posting, other = make.customer(), make.customer("Inscrite une fois")
    reference, into = booked(ledger, posting, other)
    if how == "merged":
        harness.merge_customers(reference, into)
    else:
        identifier = harness.number_of("party_identifier", "code", posting.key)
        harness.call("model.party.identifier", "write", [identifier], {"active": False})
    found = ledger.find([posting])
    assert found[posting.key].ledger_id == (into if how == "merged" else reference)
    [again] = ledger.post([posting])
    assert again.replayed


@pytest.mark.parametrize("kind", [Kind.INVOICE, Kind.PAYMENT, Kind.JOURNAL_ENTRY])
def test_a_draft_left_by_a_crash_is_not_booked_and_is_replaced(harness, ledger, make, customer, kind, monkeypatch):
    class Killed(BaseException):
        pass

    def killed(*_):
        raise Killed

    posting = make.of_kind(kind, customer, "")
    with monkeypatch.context() as crash:
        crash.setattr(batch, "post", killed)
        with pytest.raises(Killed):
            list(ledger.post([posting]))
    with harness.open() as another:
        assert another.find([posting]) == {}
        corrected = replace(posting, record=replace(posting.record, memo="corrected"))
        [outcome] = another.post([corrected])
        assert isinstance(outcome, Posted)
        assert not outcome.replayed
    assert harness.query("SELECT count(*) FROM account_move") == [(1,)]


class Cut:
    """Stands between us and Tryton; breaks a connection off when a word is said, before or after passing it on."""

    def __init__(self, port, word, heard):
        self.to, self.word, self.heard = port, word.encode(), heard
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                ours, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(ours,), daemon=True).start()

    def _carry(self, ours):
        with ours, socket.create_connection(("127.0.0.1", self.to)) as theirs:
            asked = self._request(ours)
            cut = self.word in asked
            if not asked or (cut and not self.heard):
                return
            theirs.sendall(asked)
            answer = b"".join(iter(lambda: theirs.recv(65536), b""))
            if not cut:
                ours.sendall(answer)

    def _request(self, ours):
        data = b""
        while b"\r\n\r\n" not in data:
            piece = ours.recv(65536)
            if not piece:
                return b""
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        while len(body) < int(re.search(rb"(?i)content-length: (\d+)", head)[1]):
            body += ours.recv(65536)
        return re.sub(rb"(?i)connection: [a-z-]+", b"Connection: close", head) + b"\r\n\r\n" + body


@contextmanager
def cut(harness, word, heard, monkeypatch):
    proxy = Cut(harness.port, word, heard)
    settings = harness.settings.model_copy(update={"url": f"http://127.0.0.1:{proxy.port}"})
    monkeypatch.setenv(_variable(settings), harness.password)
    with TrytonLedger(settings) as ledger:
        ledger.connect()
        yield ledger
    proxy.listening.close()


def _variable(settings):
    return variable(settings.secret)


@pytest.mark.parametrize("heard", [True, False])
@pytest.mark.parametrize("word", ["account.invoice.create", "account.invoice.post"])
def test_an_answer_that_never_comes_leaves_a_doubt_that_a_look_up_ends(
    harness, ledger, make, customer, word, heard, monkeypatch
):
    posting = make.invoice(customer)
    with cut(harness, word, heard, monkeypatch) as doubtful:
        [outcome] = doubtful.post([posting])
    assert isinstance(outcome, Unknown)
    assert (posting.key in ledger.find([posting])) == (heard and word.endswith("post"))
    [again] = ledger.post([posting])
    assert isinstance(again, Posted)
    assert invoices(harness) == [("posted",)]


@pytest.mark.parametrize("heard", [True, False])
def test_a_void_whose_answer_never_comes_is_done_once(harness, ledger, make, customer, heard, monkeypatch):
    """Several calls, each a transaction of its own: what was unmatched is cancelled by the next attempt."""
    [invoice] = booked(ledger, make.invoice(customer, "100.00"))
    payment = make.payment(customer, "100.00", [(invoice, "100.00")])
    undo = void(payment, post(ledger, payment)[payment.key])
    with cut(harness, "account.move.cancel.execute", heard, monkeypatch) as doubtful:
        [outcome] = doubtful.post([undo])
    assert isinstance(outcome, Posted if heard else Unknown)
    assert (undo.key in ledger.find([undo])) == heard
    [again] = ledger.post([undo])
    assert again.replayed == heard
    assert sum(aged.total for aged in ledger.aged_receivables(harness.day)) == 100
    assert invoices(harness) == [("posted",)]


# --- what lies in a closed or filed period


BOOKED_THEN = (Kind.INVOICE, Kind.CREDIT_NOTE, Kind.SUPPLIER_INVOICE, Kind.VENDOR_CREDIT)


@pytest.mark.parametrize(("closed", "allowed"), [(True, False), (False, True)], ids=["closed", "filed, cancellable"])
@pytest.mark.parametrize("kind", BOOKED_THEN)
def test_an_invoice_of_a_past_period_is_reversed_on_the_day_asked_for(harness, make, kind, allowed, closed):
    """Tryton's wizard credits it on that day and cancels it with that; its period stays as it is (rule 10)."""
    harness.call("model.company.company", "write", [1], {"cancel_invoice_out": allowed})
    taxes = (DocumentTax(tax="GST", amount=Decimal("5.00"), base=Decimal("100.00"), ledger_tax="2310"),)
    with harness.open() as ledger:
        [party] = booked(ledger, make.customer())
        posting = make.document(kind, party, "100.00", tax="5.00", taxes=taxes)
        undo = void(posting, post(ledger, posting)[posting.key])
        booked(ledger, make.invoice(party, date=date(2024, 5, 2)))
    assert undo.reference.startswith("account.invoice,")
    if closed:
        periods = "start_date >= '2024-01-01' AND end_date <= '2024-03-31'"
        ids = [row[0] for row in harness.query(f"SELECT id FROM account_period WHERE {periods}")]
        harness.call("model.account.period", "close", ids)
    before = harness.query(UNTIL)
    with harness.open() as ledger:
        on = date(2024, 5, 20)
        [outcome] = ledger.post([replace(undo, reverse_on=on)])
        assert isinstance(outcome, Posted)
        assert ledger.find([undo]).keys() == {undo.key}
        assert ledger.find([posting]) == {}
        side = ledger.aged_receivables if kind in BOOKED_THEN[:2] else ledger.aged_payables
        assert sum(abs(each.total) for each in side(date(2024, 4, 30))) == 105
        [again] = ledger.post([replace(undo, reverse_on=on)])
        assert again.replayed
    assert harness.query(UNTIL) == before
    assert harness.query("SELECT max(date) FROM account_move") == [(str(on),)]
    everything = harness.balances()
    assert {code: amount for code, amount in everything.items() if amount} == {
        "1100": Decimal(100), "4100": Decimal(-100)}  # fmt: skip
    tax = harness.query("SELECT sum(amount + 0) FROM account_tax_line WHERE type = 'tax'")
    assert tax == [(0,)]
    harness.check()


# --- refusals


def test_a_suppliers_number_comes_once(ledger, make):
    """Tryton itself warns of it; a person may confirm, we do not."""
    [supplier] = booked(ledger, make.customer(is_supplier=True))
    first = make.document(Kind.SUPPLIER_INVOICE, supplier)
    booked(ledger, first)
    second = make.document(Kind.SUPPLIER_INVOICE, supplier, number=first.record.number)
    assert post(ledger, second)[second.key].problem.code == "number_taken"


def test_a_number_is_taken_on_moves_as_on_invoices(ledger, make, customer):
    first = make.invoice(customer, lines=on_account("2400"))
    booked(ledger, first)
    second = make.invoice(customer, number=first.record.number)
    assert post(ledger, second)[second.key].problem.code == "number_taken"


def test_two_parties_cannot_have_one_number(ledger, make):
    first = make.customer()
    second = make.customer()
    second = replace(second, record=replace(second.record, number=first.record.number))
    outcomes = post(ledger, first, second, make.customer())
    refused = [outcome for outcome in outcomes.values() if isinstance(outcome, Rejected)]
    assert [(r.key, r.problem.code, r.problem.params["number"]) for r in refused] == [
        (second.key, "number_taken", first.record.number)
    ]


def test_what_does_not_add_up_is_refused(ledger, make, customer):
    wrong = make.invoice(customer, "100.00", total=Decimal("100.01"))
    assert post(ledger, wrong)[wrong.key].problem.code == "lines_do_not_add_up"


def test_what_is_not_in_the_table_is_shown_as_tryton_says_it(ledger, make, customer):
    [invoice] = booked(ledger, make.invoice(customer, "10.00"))
    payment = make.payment(customer, "20.00", [(invoice, "20.00")])
    problem = post(ledger, payment)[payment.key].problem
    assert problem.code == "ledger_refused"
    assert "can not be greater than the invoice amount" in problem.detail


def test_every_pattern_of_the_table_is_a_text_of_the_installed_tryton(tryton):
    modules = next((sandbox.CACHE / "venv").glob("**/site-packages/trytond"))
    texts = [
        re.sub(r"%\(\w+\)s", "x", field.text)
        for name in ("ir", "modules/account", "modules/account_invoice", "modules/party")
        for field in ET.parse(modules / name / "message.xml").iter("field")
        if field.get("name") == "text"
    ]
    texts.append('The value "x" for field "Period" in record "x" of "x" is not valid according to its domain.')
    assert [pattern for _, pattern, _ in TABLE if not any(re.search(pattern, text) for text in texts)] == []


def test_an_inner_error_is_not_taken_for_a_refusal():
    assert Refusal.of(["UserError", ["no", "", None]]).certain
    assert not Refusal.of(["'foo'", "Traceback …"]).certain


# --- what stops everything


def test_a_copy_of_the_database_and_another_company_are_other_books(harness, ledger):
    """A copy has another name; what was made apart, another moment: an id of the one means nothing in the other."""
    word = ledger.connect().books
    with harness.open() as again:
        assert again.connect().books == word
    assert word.startswith(f"{sandbox.DATABASE}/1/")
    with closing(sqlite3.connect(harness.file)) as database:
        database.execute("UPDATE company_company SET create_date = '2020-01-01 00:00:00'")
        database.commit()
    assert ledger.connect().books == f"{sandbox.DATABASE}/1/2020-01-01T00:00:00"


def test_a_wrong_password_stops_before_anything(harness, monkeypatch):
    monkeypatch.setenv(_variable(harness.settings), "wrong")
    with harness.open() as ledger, pytest.raises(CannotRun) as stopped:
        ledger.connect()
    assert stopped.value.problems[0].code == "access_denied"
    assert "wrong" not in stopped.value.problems[0].detail.replace("wrong user name", "")


def test_a_company_that_is_not_there_is_named(harness):
    settings = harness.settings.model_copy(update={"company": "Nobody"})
    with TrytonLedger(settings) as ledger, pytest.raises(CannotRun) as stopped:
        ledger.connect()
    assert stopped.value.problems[0].params["known"] == "Association Passerelle"


def test_plain_http_stays_on_this_machine():
    with pytest.raises(CannotRun) as stopped:
        TrytonLedger(TrytonSettings(url="http://tryton.example.org"))
    assert stopped.value.problems[0].code == "settings_invalid"


# --- the sandbox


def test_the_sandbox_serves_until_it_is_ended_and_says_how_to_sign_in(tryton, tmp_path, monkeypatch):
    port, said = sandbox.free_port(), []
    seen = threading.Event()

    def tell(line):
        said.append(line)
        if len(said) == 2:
            name, _, password = line.partition("=")
            monkeypatch.setenv(name, password)
            settings = dict(part.removeprefix("ledger.").split("=") for part in said[0].split())
            with TrytonLedger(TrytonSettings(**settings)) as ledger:
                assert ledger.connect().company == "Association Passerelle"
            seen.set()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sandbox.serve(port, folder=tmp_path / "box", tell=tell)
    assert seen.is_set()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


# --- the house


def test_nothing_of_ours_imports_tryton():
    """Tryton is GPL-3: it is a program we speak to, never a library we load."""
    for path in CODE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.split(".")[0] in ("trytond", "proteus")], path


@pytest.mark.parametrize("name", ["ledger-tryton.md", "grand-livre-tryton.md"])
def test_the_guide_names_every_setting(name):
    guide = (Path(__file__).parents[3] / "docs" / name).read_text(encoding="utf-8")
    assert [name for name in TrytonSettings.model_fields.keys() - GIVEN if f"`{name}`" not in guide] == []
