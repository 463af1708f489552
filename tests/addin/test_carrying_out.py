"""A run against a ledger whose every answer is written down beforehand: what is sent, kept, counted and told.

The journal is a real one; the ledger says of each record what the test has it say, and by itself that it booked it.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import get_ident
from typing import Any

import pytest
from pydantic import BaseModel

from addin.journal import Answer, Journal, Question, Questions, State, Topic, Transfer
from addin.journal.inbound import Proposal
from addin.journal.rows import digest_of, idempotency_key, payload_of
from addin.sync import amendments, enquiry, lookup, reconcile, vanished
from addin.sync import plan as planning
from addin.sync import undo as undoing
from addin.sync.calls import Calls, ask, next_batch
from addin.sync.outcomes import lost
from addin.sync.run import PATIENCE, Sync, Tally
from addin.sync.statuses import Judge
from addin.sync.twins import Likeness
from connectors.ledger import (
    AccountBalance,
    Action,
    AgedBalance,
    Applied,
    Capabilities,
    Connected,
    Ledger,
    LedgerLists,
    Outcome,
    Posted,
    Posting,
    Rejected,
    Sought,
    Standing,
    Unknown,
)
from connectors.problems import CannotRun, Problem, problem_of
from connectors.records import (
    Allocation,
    CreditNote,
    Customer,
    Direction,
    ExchangeRate,
    JournalEntry,
    Kind,
    Payment,
    Refund,
    ReturnedPayment,
    Side,
    SupplierInvoice,
    SupplierPayment,
    What,
)
from connectors.watch import NoTurn, Watch, watching
from tests.addin.cases import DAY, TODAY, Company, company, document, transfer
from workbook.layout import ACCOUNT_MAP

CLUB = Customer(key="A1", number="1001", name="Club")
LIGUE = Customer(key="A2", number="1002", name="Ligue")
INVOICE = (Kind.INVOICE, "I1")
MAPPED = {ACCOUNT_MAP.name: {"4100": "Income"}}
RUN = 7


def paid(key: str = "P1", invoice: str = "I1", **changes: Any) -> Payment:
    """A payment of an invoice."""
    parts = (Allocation(invoice=invoice, amount=Decimal("100.00")),) if invoice else ()
    made = Payment(key=key, number=f"R-{key}", date=DAY, customer="A1", currency="CAD", amount=Decimal("100.00"),
                   allocations=parts)  # fmt: skip
    return replace(made, **changes)


def owing(key: str = "I1", **changes: Any) -> Any:
    """An invoice that its payment pays."""
    return document(key, **{"balance": Decimal(0), **changes})


class Scripted(Ledger):
    """Answers what was written down, by the record's key or the posting's; it keeps what it was asked."""

    name, label, Settings = "scripted", "Scripted", BaseModel

    def __init__(self, **capabilities: Any) -> None:
        self.capabilities = Capabilities(**{"batch_size": 10, **capabilities})  # type: ignore[misc]
        self.says: dict[str, Callable[[Posting], Any]] = {}
        self.ends: CannotRun | None = None
        self.there: dict[str, Posted] = {}
        self.held: dict[str, Standing] = {}
        self.like: dict[str, Sequence[Standing]] = {}
        self.turns: list[Any] = []
        self.posted: list[list[Posting]] = []
        self.looked_up: list[list[str]] = []
        self.sought: list[Sought] = []

    def connect(self) -> Connected:
        raise NotImplementedError

    def lists(self) -> LedgerLists:
        raise NotImplementedError

    def aged_receivables(self, on: date) -> Sequence[AgedBalance]:
        raise NotImplementedError

    def aged_payables(self, on: date) -> Sequence[AgedBalance]:
        raise NotImplementedError

    def balances(self, on: date) -> Sequence[AccountBalance]:
        raise NotImplementedError

    def post(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
        self.posted.append(list(postings))
        watching().acted = True
        for posting in postings:
            said = self.says.get(posting.record.key, done)(posting)
            if isinstance(said, CannotRun):
                raise said
            if said is not None:
                yield said
        if self.ends:
            raise self.ends

    def turn(self, postings: Sequence[Posting]) -> float:
        said = self.turns.pop(0) if self.turns else 0.0
        if isinstance(said, CannotRun):
            raise said
        return float(said)

    def find(self, postings: Sequence[Posting]) -> Mapping[str, Posted]:
        self.looked_up.append([posting.key for posting in postings])
        return {posting.key: self.there[posting.key] for posting in postings if posting.key in self.there}

    def read(self, postings: Sequence[Posting]) -> Mapping[str, Standing]:
        return {p.reference: self.held[p.reference] for p in postings if p.reference in self.held}

    def search(self, sought: Sequence[Sought]) -> Mapping[str, Sequence[Standing]]:
        self.sought += sought
        return {each.name: self.like.get(each.reference or each.number or each.customer, ()) for each in sought}


def done(posting: Posting, **more: Any) -> Posted:
    """It was booked."""
    made = Posted(key=posting.key, ledger_id=f"L-{posting.record.key}", number=f"N-{posting.record.number}", url="u")
    return replace(made, **more)


def refusing(posting: Posting) -> Rejected:
    """It was refused, by a problem of nobody in particular."""
    return Rejected(key=posting.key, problem=Problem(code="ledger_refused", params={"ledger": "Scripted"}, detail="no"))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal.at(tmp_path / "journal.sqlite")
    yield opened
    opened.close()


def known(journal: Journal, moment: Company) -> Company:
    """Let the journal know what a company's case says that it knows."""
    case = moment.case()
    journal.see(case.seen[key] for key in case.seen)
    for each in moment.transfers:
        steps = {State.POSTED: [State.INTENT], State.GONE: [State.INTENT, State.POSTED],
                 State.UNDOING: [State.INTENT, State.POSTED], State.UNKNOWN: [State.INTENT],
                 State.ABSENT: [State.INTENT],
                 State.UNDONE: [State.INTENT, State.POSTED, State.UNDOING]}.get(each.state, [])  # fmt: skip
        for state in (*steps, each.state):
            journal.write([replace(each, state=state)])
    return moment


def synced(journal: Journal, ledger: Ledger, moment: Company, stop: Callable[[], bool] = lambda: False) -> Any:
    """A sync of a company; the tally of it, and what its progress showed."""
    shown: list[tuple[str, str, int, int]] = []
    case = known(journal, moment).case()
    run = Sync(case, journal, ledger, RUN, lambda step, one, n, of: shown.append((step, one.record.key, n, of)), stop)
    return run.carry_out(planning.plan(case)), shown


def counts(tally: Tally) -> dict[str, dict[Kind, int]]:
    """What became of everything, by kind."""
    names = ("posted", "adopted", "rejected", "unknown", "held")
    return {name: dict(count) for name in names if (count := getattr(tally, name))}


def codes(tally: Any) -> list[tuple[str, str]]:
    """The problems in the order they came up, with the record of each."""
    return [(problem.code, problem.key) for problem in tally.problems]


def sent(ledger: Scripted) -> list[list[str]]:
    """The keys of the records of each batch."""
    return [[posting.record.key for posting in batch] for batch in ledger.posted]


# carrying out a plan


def test_everything_is_sent_in_order_and_kept_with_what_was_answered(journal: Journal) -> None:
    ledger, moment = Scripted(), company(CLUB, owing(), owing("I2"), paid(), paid("P2", "I2"), maps=MAPPED)
    tally, shown = synced(journal, ledger, moment)
    assert counts(tally) == {"posted": {Kind.CUSTOMER: 1, Kind.INVOICE: 2, Kind.PAYMENT: 2}}
    assert (codes(tally), tally.stopped) == ([], False)
    assert shown == [("New accounts", "A1", 0, 5), ("Invoices", "I1", 1, 5), ("Payments and refunds", "P1", 3, 5)]
    assert sent(ledger) == [["A1"], ["I1", "I2"], ["P1", "P2"]]
    assert [each.customer for each in ledger.posted[1]] == ["L-A1", "L-A1"]
    [kept] = journal.transfers()[INVOICE]
    assert abs(kept.sent - journal.now()) < 600
    assert kept == Transfer(
        kind=Kind.INVOICE, record="I1", number="F-I1", generation=0, key=ledger.posted[1][0].key, action="create",
        digest=digest_of(owing()), state=State.POSTED, ledger_id="L-I1", ledger_number="N-F-I1", url="u", run=RUN,
        customer="L-A1", sent=kept.sent, accounts=kept.accounts, payload=payload_of(owing()),
    )  # fmt: skip
    assert tally.transfers[INVOICE] == kept
    assert tally.when.keys() == tally.transfers.keys() == journal.transfers().keys()
    assert all(abs((datetime.now(UTC) - when).total_seconds()) < 600 for when in tally.when.values())


def test_what_the_ledger_refuses_is_kept_and_holds_what_needs_it(journal: Journal) -> None:
    ledger = Scripted()
    ledger.says = {"A1": refusing}
    tally, _ = synced(
        journal, ledger, company(CLUB, LIGUE, owing(), paid(), document("I2", customer="A2"), maps=MAPPED)
    )
    assert codes(tally) == [
        ("ledger_refused", "A1"),
        ("account_not_transferred", "I1"),
        ("invoice_not_transferred", "P1"),
    ]
    assert counts(tally) == {
        "posted": {Kind.CUSTOMER: 1, Kind.INVOICE: 1}, "rejected": {Kind.CUSTOMER: 1},
        "held": {Kind.INVOICE: 1, Kind.PAYMENT: 1},
    }  # fmt: skip
    [kept] = journal.transfers()[Kind.CUSTOMER, "A1"]
    assert kept.problem is not None
    assert (kept.state, kept.problem.kind, kept.problem.key, kept.problem.number, kept.problem.detail) == (
        State.REJECTED, Kind.CUSTOMER, "A1", "1001", "no",
    )  # fmt: skip
    assert kept.sent > 0


ABROAD: dict[str, Any] = {"currency": "USD", "exchange": ExchangeRate(rate=Decimal("1.35"))}


def test_a_ledger_that_keeps_no_such_currency_is_sent_nothing_in_it(journal: Journal) -> None:
    """Books.md, rule 8; a ledger that tells of no currencies may have any."""
    moment = company(CLUB, document("I1", **ABROAD), maps=MAPPED)
    moment.of_the_case |= {"capabilities": Capabilities(multi_currency=True), "lists": LedgerLists(currencies=("CAD",))}
    ledger = Scripted(multi_currency=True)
    tally, _ = synced(journal, ledger, moment)
    [problem] = tally.problems
    assert (problem.code, problem.column, dict(problem.params)) == (
        "currency_not_in_ledger", "currency", {"currency": "USD", "home": "CAD"}
    )  # fmt: skip
    assert ledger.posted == []


def test_without_accounts_of_gains_and_losses_nothing_is_settled_at_a_rate(journal: Journal) -> None:
    """Books.md, rule 8: neither a payment nor a credit note; what is owed, and money on account, leave."""
    credit = document("C1", type_=CreditNote, invoice="I1", **ABROAD)
    records = (CLUB, owing(**ABROAD), paid(**ABROAD), paid("P2", invoice="", **ABROAD), credit)
    moment = company(*records, maps=MAPPED)
    able = {"multi_currency": True, "applies_foreign": False}
    moment.of_the_case |= {"capabilities": Capabilities(**able), "lists": LedgerLists(gains="4800")}
    ledger = Scripted(**able)
    tally, _ = synced(journal, ledger, moment)
    refused = [(problem.key, problem.params["currency"]) for problem in tally.problems
               if problem.code == "exchange_account_missing"]  # fmt: skip
    assert sorted(refused) == [("C1", "USD"), ("P1", "USD")]
    assert {key for batch in sent(ledger) for key in batch} == {"A1", "I1", "P2"}


def test_what_a_check_refuses_is_kept_as_never_sent_and_counted_once(journal: Journal) -> None:
    wrong = document("I1", lines=(), currency="USD")
    ledger = Scripted(multi_currency=False)
    tally, _ = synced(journal, ledger, company(CLUB, wrong, maps=MAPPED))
    assert [code for code, _ in codes(tally)] == ["no_lines", "currency_unsupported"]
    assert counts(tally) == {"rejected": {Kind.INVOICE: 1}}
    [kept] = journal.transfers()[INVOICE]
    assert kept.problem is not None
    assert (kept.state, kept.sent, kept.problem.code, kept.run) == (State.REJECTED, 0, "no_lines", RUN)
    assert tally.transfers == {INVOICE: kept}
    assert ledger.posted == []


def test_what_waits_for_the_ledgers_answer_is_not_refused_over_it(journal: Journal) -> None:
    wrong = document("I1", lines=())
    for state in (State.UNKNOWN, State.GONE):
        before = replace(transfer(wrong, state), record="I1", key=f"psl-{state}")
        case = company(wrong, transfers=(before,), maps=MAPPED).case()
        tally = Sync(case, journal, Scripted(), RUN, lambda *_: None, lambda: False).carry_out(planning.plan(case))
        assert counts(tally).get("rejected") is None
    assert journal.transfers() == {}


def test_an_answer_that_is_not_there_is_not_known_and_what_ended_it_ends_the_run(journal: Journal) -> None:
    ledger = Scripted(batch_size=2)
    ledger.says = {"I1": lambda posting: Unknown(key=posting.key, problem=Problem(code="outcome_unknown", detail="1")),
                   "I2": lambda _: CannotRun(Problem(code="ledger_unreachable", detail="down"))}  # fmt: skip
    three = (owing(), owing("I2"), owing("I3"))
    tally, _ = synced(journal, ledger, company(CLUB, *three, maps=MAPPED))
    assert counts(tally) == {"posted": {Kind.CUSTOMER: 1}, "unknown": {Kind.INVOICE: 2}}
    assert codes(tally) == [("ledger_unreachable", ""), ("outcome_unknown", "I1"), ("outcome_unknown", "I2")]
    kept = [journal.transfers()[Kind.INVOICE, key][0] for key in ("I1", "I2")]
    assert [each.state for each in kept] == [State.UNKNOWN] * 2
    assert [each.problem.detail for each in kept if each.problem] == ["1", "ledger_unreachable {}"]
    assert (Kind.INVOICE, "I3") not in journal.transfers()
    assert lost(None) == Problem(code="outcome_unknown")


def test_what_the_ledger_had_already_is_adopted_and_another_total_is_told(journal: Journal) -> None:
    ledger = Scripted()
    ledger.says = {"I1": lambda posting: done(posting, replayed=True, total=Decimal("100.00")),
                   "I2": lambda posting: done(posting, total=Decimal("100.01")),
                   "P1": lambda posting: done(posting, total=Decimal("1.00"))}  # fmt: skip
    tally, _ = synced(journal, ledger, company(CLUB, owing(), document("I2"), paid(), maps=MAPPED))
    assert counts(tally) == {
        "posted": {Kind.CUSTOMER: 1, Kind.INVOICE: 1, Kind.PAYMENT: 1}, "adopted": {Kind.INVOICE: 1}
    }  # fmt: skip
    told = [problem for problem in tally.problems if problem.code == "total_differs"]
    assert [(p.key, p.column, dict(p.params)) for p in told] == [
        ("I2", "total", {"ledger_total": "100.01", "total": "100.00"})
    ]
    [kept] = journal.transfers()[Kind.INVOICE, "I2"]
    assert (kept.problem, kept.total) == (told[0], Decimal("100.01"))


def test_what_the_ledger_makes_of_a_foreign_total_at_its_rate_is_told_where_it_is_another(journal: Journal) -> None:
    """134.985 is 134.99 in the books; what tells nothing of it, or is in the home currency, is taken at its word."""
    abroad = {"currency": "USD", "exchange": ExchangeRate(rate=Decimal("1.34985"))}
    ledger = Scripted(multi_currency=True)
    ledger.says = {"I1": lambda posting: done(posting, at_home=Decimal("134.99")),
                   "I2": lambda posting: done(posting, at_home=Decimal("134.98")),
                   "I4": lambda posting: done(posting, at_home=Decimal("1.00"))}  # fmt: skip
    documents = (*(document(key, **abroad) for key in ("I1", "I2", "I3")), document("I4"))
    moment = company(CLUB, *documents, maps=MAPPED, capabilities=ledger.capabilities)
    tally, _ = synced(journal, ledger, moment)
    told = [problem for problem in tally.problems if problem.code == "home_total_differs"]
    assert [(p.key, p.column, dict(p.params)) for p in told] == [
        ("I2", "total", {"ledger_total": "134.98 CAD", "total": "134.99 CAD"})
    ]
    assert counts(tally)["posted"][Kind.INVOICE] == 4


def test_a_ledger_that_does_not_know_keys_is_asked_for_them_before_anything_is_sent(journal: Journal) -> None:
    ledger = Scripted(idempotent=True)
    moment = company(CLUB, document(), maps=MAPPED)
    synced(journal, ledger, moment)
    assert ledger.looked_up == []
    case = moment.case()
    one = planning.planned(case, document("I9"), Action.CREATE)
    ledger = Scripted()
    ledger.there = {one.key: Posted(key=one.key, ledger_id="L-9")}
    answers = ask(ledger, [Posting(key=one.key, record=one.record), Posting(key="k2", record=owing("I2"))], Watch())
    assert ledger.looked_up == [[one.key, "k2"]]
    assert answers.outcomes[one.key] == Posted(key=one.key, ledger_id="L-9", replayed=True)
    assert [[posting.key for posting in batch] for batch in ledger.posted] == [["k2"]]
    assert (answers.trouble, answers.unsent) == (None, False)


def test_stop_ends_it_before_the_next_batch(journal: Journal) -> None:
    ledger = Scripted()
    tally, shown = synced(journal, ledger, company(CLUB, document(), maps=MAPPED), stop=lambda: len(ledger.posted) == 1)
    assert (tally.stopped, counts(tally), len(shown)) == (True, {"posted": {Kind.CUSTOMER: 1}}, 1)
    assert codes(tally) == []


def test_a_ledgers_limits_are_waited_for_before_any_intent_is_written(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    answered = Calls.answered
    monkeypatch.setattr(Calls, "answered", lambda self, seconds: waited.append(seconds) or answered(self, 0.0))
    ledger = Scripted()
    ledger.turns = [0.5, 0.25, 90.0]
    tally, _ = synced(journal, ledger, company(CLUB, document(), maps=MAPPED))
    assert counts(tally) == {"posted": {Kind.CUSTOMER: 1, Kind.INVOICE: 1}}
    assert waited[:3] == [0.5, 0.25, 1.0]


def test_a_turn_that_never_comes_ends_it_and_is_told_once(journal: Journal) -> None:
    ledger = Scripted()
    ledger.turns = [NoTurn(Problem(code="day_limit_reached", params={"ledger": "L", "when": "w"}))]
    tally, _ = synced(journal, ledger, company(CLUB, document(), maps=MAPPED))
    assert (codes(tally), ledger.posted, journal.transfers()) == ([("day_limit_reached", "")], [], {})


def turned_away(ledger: Scripted, times: int, *, soon: bool = True) -> Callable[[Posting], Any]:
    """A vendor that sends away so often before it takes anything: nothing was sent."""
    left = [times]

    def say(posting: Posting) -> Any:
        watching().acted = False
        if left[0]:
            left[0] -= 1
            return NoTurn(Problem(code="too_many_requests", params={"ledger": "L"}), soon=soon)
        watching().acted = True
        return done(posting)

    return say


@pytest.mark.parametrize(
    ("times", "soon", "booked"), [(PATIENCE - 1, True, True), (PATIENCE, True, False), (1, False, False)]
)
def test_what_is_turned_away_is_sent_again_until_patience_ends(
    journal: Journal, times: int, soon: bool, booked: bool
) -> None:
    ledger = Scripted(keeps_order=True)
    ledger.says = {"A1": turned_away(ledger, times, soon=soon)}
    tally, shown = synced(journal, ledger, company(CLUB, document(), maps=MAPPED))
    [kept] = journal.transfers()[Kind.CUSTOMER, "A1"]
    if booked:
        assert (codes(tally), kept.state, len(ledger.posted)) == ([], State.POSTED, times + 2)
        assert [n for _, key, n, _ in shown if key == "I1"] == [1]
    else:
        assert (codes(tally), kept.state, kept.problem) == ([("too_many_requests", "")], State.ABSENT, None)
        assert (kept.told_sheet, counts(tally)) == (True, {})


def test_a_refusal_that_ended_the_call_is_no_documents(journal: Journal) -> None:
    """No sign-in, say: what was refused for it stays as it was, and is told once."""
    ended = Problem(code="sign_in_again", params={"ledger": "L"})
    ledger = Scripted()
    ledger.says = {"I1": lambda posting: Rejected(key=posting.key, problem=ended), "I2": lambda _: CannotRun(ended)}
    tally, _ = synced(journal, ledger, company(CLUB, document(), document("I2"), maps=MAPPED))
    assert codes(tally) == [("sign_in_again", ""), ("outcome_unknown", "I2")]
    assert counts(tally) == {"posted": {Kind.CUSTOMER: 1}, "unknown": {Kind.INVOICE: 1}}
    assert journal.transfers()[INVOICE][0].state is State.ABSENT


def test_what_was_keyed_in_meanwhile_is_found_before_its_batch_and_asked_about(journal: Journal) -> None:
    there = Standing(ledger_id="17", number="F-I1", total=Decimal("100.00"), kind=Kind.INVOICE, date=DAY)
    ledger = Scripted(searches=True)
    ledger.like = {"F-I1": [there]}
    tally, _ = synced(journal, ledger, company(CLUB, document(), document("I2"), maps=MAPPED))
    assert codes(tally) == [("already_booked", "I1")]
    assert counts(tally) == {"posted": {Kind.CUSTOMER: 1, Kind.INVOICE: 1}, "held": {Kind.INVOICE: 1}}
    [asked] = journal.questions().waiting(INVOICE)
    assert (asked.about, asked.rule, asked.standing) == ("17", "number", there)
    assert [sorted({each.kind for each in ledger.sought})] == [[Kind.INVOICE]]
    assert INVOICE not in journal.transfers()


def test_a_ledger_that_cannot_be_searched_now_is_sent_nothing(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object) -> Any:
        raise CannotRun(Problem(code="ledger_unreachable"))

    ledger = Scripted(searches=True)
    monkeypatch.setattr(ledger, "search", down)
    tally, _ = synced(journal, ledger, company(CLUB, document(), maps=MAPPED))
    assert codes(tally) == [("ledger_unreachable", "")]
    assert sent(ledger) == [["A1"]]


def test_a_changed_account_and_a_second_attempt_go_on_from_what_was(journal: Journal) -> None:
    changed = replace(CLUB, name="Club nouveau")
    first = planning.planned(company(document(), maps=MAPPED).case(), document(), Action.CREATE)
    before = transfer(document(), State.ABSENT, key=first.key, digest="old", sent=3.0)
    moment = company(changed, document(), maps=MAPPED, transfers=(transfer(CLUB), before))
    tally, _ = synced(journal, Scripted(), moment)
    updates = journal.transfers()[Kind.CUSTOMER, "A1"]
    assert [(each.generation, each.action, each.state) for each in updates] == [
        (0, "create", State.POSTED), (1, "update", State.POSTED)
    ]  # fmt: skip
    [again] = journal.transfers()[INVOICE]
    assert (again.key, again.generation, again.state, again.digest) == (
        first.key, 0, State.POSTED, digest_of(document()),
    )  # fmt: skip
    assert counts(tally) == {"posted": {Kind.CUSTOMER: 1, Kind.INVOICE: 1}}


# calls


def test_of_two_answers_about_one_document_the_more_cautious_counts() -> None:
    """What a ledger says it booked is believed first; what it says it refused, last."""
    problem = Problem(code="outcome_unknown")

    class Twice(Scripted):
        def post(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
            yield from self.answers

    booked, unknown, refused = Posted(key="k", ledger_id="1"), Unknown(key="k", problem=problem), Rejected(
        key="k", problem=problem
    )  # fmt: skip
    ledger = Twice(idempotent=True)
    for answers, counted in (
        ([refused, unknown], unknown), ([unknown, refused], unknown), ([booked, unknown], booked),
        ([refused, booked], booked),
    ):  # fmt: skip
        ledger.answers = answers
        assert ask(ledger, [Posting(key="k", record=CLUB)], Watch()).outcomes == {"k": counted}


def test_nothing_was_sent_where_no_turn_came_and_no_write_acted() -> None:
    ledger = Scripted(idempotent=True)
    problem = Problem(code="too_many_requests", params={"ledger": "L"})
    given_back: list[str] = []

    class Kept:
        def give_back(self) -> None:
            given_back.append("place")

    for acted, said, unsent in ((False, NoTurn(problem), True), (True, NoTurn(problem), False),
                                (False, CannotRun(problem), False)):  # fmt: skip

        def say(_: Posting, acted: bool = acted, said: CannotRun = said) -> CannotRun:
            watching().acted = acted
            return said

        ledger.says = {"A1": say}
        watch = Watch(places=[Kept()])
        answers = ask(ledger, [Posting(key="k", record=CLUB)], watch)
        assert (answers.unsent, answers.trouble, dict(answers.outcomes)) == (unsent, said, {})
        assert watch.places == []
    assert len(given_back) == 3
    late = ask(ledger, [Posting(key="k", record=CLUB)], Watch(left=lambda: 0))
    assert late.trouble is not None
    assert (late.unsent, late.trouble.problems[0].code, late.trouble.problems[0].params) == (
        True, "too_late", {"ledger": "Scripted"},
    )  # fmt: skip


def test_the_next_batch_overtakes_nothing_of_an_account_whose_order_matters() -> None:
    case = company(CLUB).case()

    def of(*records: Any) -> deque[Any]:
        return deque(planning.planned(case, record, Action.CREATE) for record in records)

    def keys(batch: Sequence[Any]) -> list[str]:
        return [one.record.key for one in batch]

    records = [Payment(key=f"P{n}", number="", date=DAY, customer=f"A{n}", currency="CAD", amount=Decimal(1))
               for n in (1, 1, 2)]  # fmt: skip
    paying = [replace(each, key=f"P{n}") for n, each in enumerate(records)]
    ordered, loose = Capabilities(batch_size=2), Capabilities(batch_size=2, keeps_order=False)
    case = company(CLUB, *paying, document()).case()
    waiting = of(*paying)
    assert (keys(next_batch(waiting, ordered, ())), keys([*waiting])) == (["P0", "P1"], ["P2"])
    waiting = of(*paying)
    assert (keys(next_batch(waiting, loose, ())), keys([*waiting])) == (["P0", "P2"], ["P1"])
    waiting = of(*paying[1:])
    assert (keys(next_batch(waiting, ordered, [of(paying[0])])), keys([*waiting])) == (["P2"], ["P1"])  # type: ignore[list-item]
    invoices = of(document("I1"), document("I2"))
    assert keys(next_batch(invoices, loose, [of(document("I3"))])) == ["I1", "I2"]  # type: ignore[list-item]
    for other in (document("R1", type_=Refund), document("C1", type_=CreditNote)):
        waiting = of(other, document("I2"))
        assert keys(next_batch(waiting, ordered, [of(paying[0])])) == ["I2"]  # type: ignore[list-item]
    many = of(*(replace(paying[0], key=f"Q{n}") for n in range(50)), paying[2])
    assert keys(next_batch(many, ordered, [of(paying[0])])) == []  # type: ignore[list-item]
    assert len(many) == 51
    for ahead, found in ((39, ["P2"]), (40, [])):
        many = of(*(replace(paying[0], key=f"Q{n}") for n in range(ahead)), paying[2])
        assert keys(next_batch(many, ordered, [of(paying[0])])) == found  # type: ignore[list-item]
        assert keys(many) == [f"Q{n}" for n in range(ahead)] + ["P2"][len(found) :]  # type: ignore[arg-type]


def test_several_calls_are_under_way_at_once_where_the_ledger_allows_it(journal: Journal) -> None:
    ledger = Scripted(concurrency=3, batch_size=1)
    bills = [document(f"I{n}") for n in range(6)]
    tally, _ = synced(journal, ledger, company(CLUB, *bills, maps=MAPPED))
    assert counts(tally) == {"posted": {Kind.CUSTOMER: 1, Kind.INVOICE: 6}}
    with Calls[str](ledger) as calls:
        assert calls.free
        assert calls.answered(0.0) is None
        for name in "abc":
            calls.begin(name, [Posting(key=name, record=CLUB)], Watch())
        assert not calls.free
        assert sorted(calls.under_way) == ["a", "b", "c"]
        taken = [calls.answered(5) for _ in range(3)]
        assert sorted(each[0] for each in taken if each) == ["a", "b", "c"]
        assert calls.free


def test_a_ledger_that_takes_one_call_at_a_time_is_called_in_the_very_thread() -> None:
    """It may be bound to it."""
    called_in: list[int] = []

    class Bound(Scripted):
        def post(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
            called_in.append(get_ident())
            yield from super().post(postings)

    for concurrency in (1, 2):
        with Calls[str](Bound(concurrency=concurrency)) as calls:
            calls.begin("a", [Posting(key="a", record=CLUB)], Watch())
            assert calls.answered(5) is not None
    assert [thread == get_ident() for thread in called_in] == [True, False]


# what was never answered


def looked(journal: Journal, ledger: Scripted, *transfers: Transfer, records: Sequence[Any] = ()) -> Any:
    """A look-up, and what stands in the journal since."""
    known(journal, company(*(records or [document(), document("I2")]), transfers=transfers))
    adopted = lookup.look_up(journal, ledger, RUN)
    return adopted, {key[1]: history[-1] for key, history in journal.transfers().items()}


def test_what_the_ledger_has_is_adopted(journal: Journal) -> None:
    sent = transfer(document(), State.UNKNOWN, ledger_id="", told_sheet=True, told_source=True, number="left-as")
    ledger = Scripted()
    ledger.there = {"psl-I1": Posted(key="psl-I1", ledger_id="L-9", number="N", url="u", total=Decimal("1.10"))}
    adopted, now = looked(journal, ledger, sent, transfer(document("I2")))
    assert adopted == [now["I1"]]
    assert now["I1"] == replace(
        sent, state=State.POSTED, ledger_id="L-9", ledger_number="N", url="u", total=Decimal("1.10"), run=RUN,
        told_sheet=False, told_source=False,
    )  # fmt: skip
    assert ledger.looked_up == [["psl-I1"]]
    assert lookup.look_up(journal, ledger, RUN) == []
    assert len(ledger.looked_up) == 1


def test_what_takes_several_writes_is_looked_up_with_all_that_it_goes_to(journal: Journal) -> None:
    """Else a credit note that is there and not applied, or a payment of one invoice of two, counts as booked whole."""
    asked: list[Posting] = []

    class Looking(Scripted):
        def find(self, postings: Sequence[Posting]) -> Mapping[str, Posted]:
            asked.extend(postings)
            return {}

    credit = document("C1", "60.00", type_=CreditNote, invoice="I1")
    sent = transfer(credit, State.UNKNOWN, ledger_id="", customer="L-A1")
    looked(journal, Looking(), transfer(document()), sent, records=[document(), credit])
    [posting] = asked
    assert (posting.applied, posting.customer) == ((Applied(ledger_id="L-I1", amount=Decimal(60)),), "L-A1")


def test_what_the_ledger_has_not_is_proved_absent_a_term_after_it_left(journal: Journal) -> None:
    """Until then it may still be on its way, unless the ledger knows keys."""
    now = journal.now()
    old = transfer(document(), State.INTENT, sent=now - 181, problem=problem_of(document(), "no_lines"))
    young = transfer(document("I2"), State.INTENT, sent=now - 60)
    _, then = looked(journal, Scripted(), old, young)
    assert (then["I1"].state, then["I1"].problem, then["I1"].told_sheet) == (State.ABSENT, None, True)
    doubt = then["I2"].problem
    assert doubt is not None
    assert (then["I2"].state, doubt.code, doubt.key, then["I2"].sent) == (
        State.UNKNOWN,
        "outcome_unknown",
        "I2",
        young.sent,
    )
    lookup.look_up(journal, Scripted(idempotent=True), RUN)
    assert journal.transfers()[Kind.INVOICE, "I2"][-1].state is State.ABSENT


def test_a_term_is_over_at_its_last_moment(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = [transfer(document(key), state, sent=820.0) for key, state in (("I1", State.INTENT), ("I2", State.UNDOING))]
    monkeypatch.setattr(journal, "now", lambda: 1000.0)
    _, then = looked(journal, Scripted(), *sent)
    assert (then["I1"].state, then["I2"].state) == (State.ABSENT, State.POSTED)


def test_a_clock_that_was_set_back_makes_nothing_wait_for_longer_than_a_term(journal: Journal) -> None:
    why = problem_of(document(), "no_lines")
    ahead = transfer(document(), State.UNKNOWN, sent=journal.now() + 900, problem=why)
    undoing_ = transfer(document("I2"), State.UNDOING, sent=journal.now() + 900)
    _, now = looked(journal, Scripted(), ahead, undoing_)
    assert now["I1"].sent <= journal.now()
    assert now["I2"].sent <= journal.now()
    assert (now["I1"].problem, now["I2"].state) == (why, State.UNDOING)


def test_what_was_told_to_be_undone_is_gone_or_stays_a_term_after(journal: Journal) -> None:
    now = journal.now()
    sent = [transfer(document(key), State.UNDOING, sent=now - age, told_sheet=True, told_source=True)
            for key, age in (("I1", 5), ("I2", 181))]  # fmt: skip
    ledger = Scripted()
    ledger.there = {"psl-I1-undo": Posted(key="psl-I1-undo", ledger_id="x")}
    _, then = looked(journal, ledger, *sent)
    told = then["I1"].problem
    assert told is not None
    assert (then["I1"].state, then["I1"].run, told.code, told.params["reference"]) == (
        State.UNDONE,
        RUN,
        "undone",
        "L-I1",
    )
    assert (told.key, told.column, told.params["date"]) == (
        "I1",
        "reference",
        datetime.now(UTC).astimezone().date().isoformat(),
    )
    assert (then["I1"].told_sheet, then["I1"].told_source) == (False, False)
    assert then["I2"].state is State.POSTED
    assert ledger.looked_up == [["psl-I1-undo", "psl-I2-undo"]]


def test_what_was_on_its_way_is_looked_for_as_it_left(journal: Journal) -> None:
    posted = transfer(CLUB, ledger_id="L-A1")
    again = transfer(CLUB, State.INTENT, generation=1, key="psl-second", action="update", number="old")
    asked: list[Posting] = []

    class Asked(Scripted):
        def find(self, postings: Sequence[Posting]) -> Mapping[str, Posted]:
            asked.extend(postings)
            return {}

    looked(journal, Asked(), posted, again, records=[CLUB])
    [posting] = asked
    assert (posting.key, posting.action, posting.reference, posting.record) == (
        "psl-second", Action.UPDATE, "L-A1", replace(CLUB, number="old"),
    )  # fmt: skip
    assert posting.booked is not None
    assert posting.booked.ledger_id == "L-A1"
    assert posting.returned == ""


def test_a_return_on_its_way_is_looked_for_with_its_payment(journal: Journal) -> None:
    back = ReturnedPayment(key="B1", date=DAY, customer="A1", currency="CAD", amount=Decimal("100.00"), payment="P1")
    asked: list[Posting] = []

    class Asked(Scripted):
        def find(self, postings: Sequence[Posting]) -> Mapping[str, Posted]:
            asked.extend(postings)
            return {}

    looked(journal, Asked(), transfer(paid()), transfer(back, State.INTENT), records=[paid(), back])
    assert [posting.returned for posting in asked] == ["L-P1"]


def test_what_was_amended_is_told_by_the_fields_that_differ() -> None:
    """As JSON: each with what it was and is."""
    was = document()
    assert json.loads(amendments.told(was, replace(was, memo="x", date=DAY + timedelta(days=1)))) == [
        ["memo", None, "x"], ["date", DAY.isoformat(), (DAY + timedelta(days=1)).isoformat()],
    ]  # fmt: skip
    assert json.loads(amendments.told(was, was)) == []


# undoing


def undone(
    journal: Journal, ledger: Scripted, moment: Company, *keys: Any, stop: Callable[[], bool] = lambda: False
) -> Any:
    """Undo some records; the result and what its progress showed."""
    shown: list[tuple[int, int]] = []
    moment.of_the_case.setdefault("capabilities", ledger.capabilities)
    case = known(journal, moment).case()
    run = undoing.Undo(case, journal, ledger, RUN, lambda n, of: shown.append((n, of)), stop)
    return run.carry_out(keys), shown


VOIDS = frozenset(Kind)
PAYMENT = (Kind.PAYMENT, "P1")


def booked_pair() -> Company:
    """An invoice and its payment, both booked."""
    return company(CLUB, owing(), paid(), transfers=tuple(map(transfer, (owing(), paid()))))


def test_what_is_applied_to_a_document_is_undone_before_it(journal: Journal) -> None:
    ledger = Scripted(voids=VOIDS, idempotent=True)
    result, shown = undone(journal, ledger, booked_pair(), INVOICE, PAYMENT)
    assert [each.id for each in result.transfers] == [PAYMENT, INVOICE]
    assert (result.problems, result.stopped, shown) == ([], False, [(0, 2), (1, 2)])
    [[payment], [invoice]] = ledger.posted
    assert (payment.key, payment.action, payment.reference, invoice.key) == (
        "psl-P1-undo", Action.VOID, "L-P1", "psl-I1-undo",
    )  # fmt: skip
    [kept] = journal.transfers()[INVOICE]
    assert kept.problem is not None
    assert (kept.state, kept.run, kept.problem.code) == (State.UNDONE, RUN, "undone")
    assert abs(kept.sent - journal.now()) < 600


def test_a_document_stays_while_something_that_the_ledger_has_refers_to_it(tmp_path: Path) -> None:
    refund = document("R1", type_=Refund, invoice="I1")
    credit = document("C1", type_=CreditNote, invoice="I1")
    entry = JournalEntry(key="J1", number="E-1", date=DAY, currency="CAD", lines=(), invoice="I1")
    for number, other in enumerate((paid(), refund, credit, entry)):
        for state, holds in ((State.POSTED, True), (State.UNKNOWN, True), (State.REJECTED, False)):
            with closing(Journal.at(tmp_path / f"{number}{state}.sqlite")) as own:
                moment = company(owing(), other, transfers=(transfer(owing()), transfer(other, state)))
                result, _ = undone(own, Scripted(voids=VOIDS, idempotent=True), moment, INVOICE)
                numbers = {"numbers": other.number}
                told = [(p.code, p.key, dict(p.params)) for p in result.problems]
                assert told == ([("undo_applied", "I1", numbers)] if holds else []), (other.key, state)


def test_what_cannot_be_undone_is_told_and_never_sent(journal: Journal) -> None:
    ledger = Scripted(voids=frozenset({Kind.PAYMENT}))
    by_hand = transfer(document("I3"), State.MANUAL, ledger_number="77")
    moment = company(document("I1"), document("I2"), document("I3"), transfers=(transfer(document("I1")), by_hand))
    result, _ = undone(journal, ledger, moment, *((Kind.INVOICE, f"I{n}") for n in (1, 2, 3)))
    assert [(p.code, p.key, dict(p.params)) for p in result.problems] == [
        ("undo_unsupported", "I1", {"kind": "invoice"}), ("undo_nothing", "I2", {}),
        ("undo_by_hand", "I3", {"reference": "77"}),
    ]  # fmt: skip
    assert (ledger.posted, result.transfers) == ([], [])


def test_what_a_person_deleted_is_accepted_as_undone_without_a_call(journal: Journal) -> None:
    gone = transfer(document(), State.GONE)
    doing = transfer(document("I2"), State.UNDOING)
    moment = company(document(), document("I2"), transfers=(gone, doing))
    result, _ = undone(journal, Scripted(voids=VOIDS), moment, INVOICE, (Kind.INVOICE, "I2"))
    assert [each.id for each in result.transfers] == [INVOICE]
    assert (result.problems, journal.transfers()[INVOICE][0].state) == ([], State.UNDONE)
    found = replace(transfer(document("I3"), State.UNDONE), run=RUN)
    case = company(document("I3"), transfers=(found,)).case()
    run = undoing.Undo(case, journal, Scripted(voids=VOIDS), RUN, lambda *_: None, lambda: False)
    assert run.carry_out([(Kind.INVOICE, "I3")]).transfers == [found]
    other = company(document("I3"), transfers=(replace(found, run=1),)).case()
    run = undoing.Undo(other, journal, Scripted(voids=VOIDS), RUN, lambda *_: None, lambda: False)
    assert [problem.code for problem in run.carry_out([(Kind.INVOICE, "I3")]).problems] == ["undo_nothing"]


@pytest.mark.parametrize(
    ("say", "state", "codes_"),
    [
        (refusing, State.POSTED, ["ledger_refused"]),
        (lambda posting: Unknown(key=posting.key, problem=Problem(code="outcome_unknown")), State.UNDOING, []),
        (lambda _: None, State.UNDOING, []),
        (lambda _: CannotRun(Problem(code="ledger_unreachable")), State.UNDOING, ["ledger_unreachable"]),
    ],
    ids=["refused", "unknown", "no answer", "unreachable"],
)
def test_what_an_undoing_is_answered_decides_what_stands(
    journal: Journal, say: Callable[[Posting], Any], state: State, codes_: list[str]
) -> None:
    ledger = Scripted(voids=VOIDS, idempotent=True, batch_size=1)
    ledger.says = {"I1": say}
    two = company(owing(), owing("I2"), transfers=tuple(map(transfer, (owing(), owing("I2")))))
    result, _ = undone(journal, ledger, two, INVOICE, (Kind.INVOICE, "I2"))
    assert journal.transfers()[INVOICE][0].state is state
    assert not journal.transfers()[INVOICE][0].told_sheet
    assert [problem.code for problem in result.problems] == codes_
    assert all(problem.key == "I1" for problem in result.problems if problem.code == "ledger_refused")
    assert len(ledger.posted) == (1 if codes_ == ["ledger_unreachable"] else 2)


def test_an_undoing_that_certainly_was_not_sent_leaves_what_was_booked(journal: Journal) -> None:
    ledger = Scripted(voids=VOIDS, idempotent=True)
    ledger.says = {"I1": turned_away(ledger, 1)}
    result, _ = undone(journal, ledger, company(owing(), transfers=(transfer(owing()),)), INVOICE)
    [kept] = journal.transfers()[INVOICE]
    assert (kept.state, kept.told_sheet, codes(result)) == (State.POSTED, False, [("too_many_requests", "")])


def test_stop_and_limits_end_an_undoing_before_its_intent(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(undoing, "sleep", slept.append)
    ledger = Scripted(voids=VOIDS, idempotent=True, batch_size=1)
    result, shown = undone(journal, ledger, booked_pair(), INVOICE, PAYMENT, stop=lambda: True)
    assert (result.stopped, ledger.posted, shown) == (True, [], [])
    case = booked_pair().case()
    asked = iter([False, False, True])
    ledger.turns = [9.0, 0.5, 3.0]
    run = undoing.Undo(replace(case, capabilities=ledger.capabilities), journal, ledger, RUN, lambda *_: None,
                       lambda: next(asked))  # fmt: skip
    result = run.carry_out([PAYMENT])
    assert (result.stopped, ledger.posted, slept) == (True, [], [1.0])
    ledger.turns = [NoTurn(Problem(code="day_limit_reached", params={"ledger": "L", "when": "w"}))]
    run = undoing.Undo(replace(case, capabilities=ledger.capabilities), journal, ledger, RUN, lambda *_: None,
                       lambda: False)  # fmt: skip
    result = run.carry_out([PAYMENT])
    assert (codes(result), ledger.posted, result.stopped) == ([("day_limit_reached", "")], [], False)


# what a person took out


def test_what_the_ledger_no_longer_has_is_kept_as_gone_and_comes_back_when_it_is_there_again(journal: Journal) -> None:
    three = tuple(document(f"I{n}") for n in (1, 2, 3))
    sent = (transfer(three[0]), transfer(three[1], told_sheet=True), transfer(three[2], State.GONE))
    ledger = Scripted(reads_back=True)
    ledger.held = {"L-I2": Standing(ledger_id="L-I2", void=True), "L-I3": Standing(ledger_id="L-I3")}
    known(journal, company(CLUB, *three, transfers=(*sent, transfer(CLUB))))
    moved = vanished.look(journal, ledger, RUN)
    assert [(each.record, each.state) for each in moved] == [
        ("I1", State.GONE), ("I2", State.GONE), ("I3", State.POSTED)
    ]  # fmt: skip
    assert {(each.run, each.told_sheet, each.told_source) for each in moved} == {(RUN, False, False)}
    told = [each.problem for each in moved]
    day = datetime.now(UTC).astimezone().date().isoformat()
    assert [(p.code, p.column, dict(p.params)) for p in told if p] == [
        ("gone_from_ledger", "reference", {"reference": "L-I1", "date": day}),
        ("void_in_ledger", "reference", {"reference": "L-I2", "date": day}),
    ]
    assert {key[1]: history[-1] for key, history in journal.transfers().items()}["I1"] == moved[0]
    assert vanished.look(journal, Scripted(), RUN) == []


def change(what: What, ledger_id: str, kind: Kind = Kind.INVOICE, **more: Any) -> Proposal:
    """What the ledger told."""
    return replace(Proposal(kind=kind, ledger_id=ledger_id, what=what, happened=""), **more)


def test_what_the_ledger_tells_to_be_gone_is_kept_and_an_account_only_where_it_was_merged(journal: Journal) -> None:
    three = tuple(document(f"I{n}") for n in (1, 2, 3))
    manual = transfer(three[2], State.MANUAL)
    known(journal, company(CLUB, LIGUE, *three, transfers=(*map(transfer, (CLUB, LIGUE, *three[:2])), manual)))
    vanished.hear(
        journal,
        [change(What.DELETED, "L-I1"), change(What.VOIDED, "L-I2"), change(What.DELETED, "L-I3"),
         change(What.MERGED, "L-A1", Kind.CUSTOMER, merged_into="L-A2"), change(What.DELETED, "L-A2", Kind.CUSTOMER),
         change(What.CHANGED, "L-I2", field="total")],
        RUN,
    )  # fmt: skip
    now = {key[1]: history[-1] for key, history in journal.transfers().items()}
    assert {key: each.state for key, each in now.items()} == {
        "I1": State.GONE, "I2": State.GONE, "I3": State.MANUAL, "A1": State.GONE, "A2": State.POSTED
    }  # fmt: skip
    told = {key: each.problem for key, each in now.items() if each.problem}
    assert {key: problem.code for key, problem in told.items()} == {
        "I1": "gone_from_ledger", "I2": "void_in_ledger", "A1": "merged_in_ledger"
    }  # fmt: skip
    assert (told["A1"].params["into"], "into" in told["I1"].params) == ("L-A2", False)
    judge = Judge(company="c", ledger="scripted", who="anne")
    merged = change(What.MERGED, "L-A1", Kind.CUSTOMER, merged_into="L-A2")
    vanished.moved_to(journal, [merged, change(What.DELETED, "L-I1")], judge)
    linked = journal.transfers()[Kind.CUSTOMER, "A1"][-1]
    assert (linked.generation, linked.state, linked.ledger_id, linked.ledger_number) == (
        1,
        State.MANUAL,
        "L-A2",
        "L-A2",
    )
    asked = [each for some in journal.questions().known.values() for each in some]
    assert sorted((each.record, each.topic, each.about, each.answer, each.who) for each in asked) == [
        (key, Topic.SHARE, "L-A2", Answer.YES, "anne") for key in ("A1", "A2")
    ]


# asking a ledger what it has


def books(journal: Journal, ledger: Scripted) -> enquiry.Books:
    """The ledger's books as the sync asks them."""
    return enquiry.Books(ledger, journal, "c", "beancount", "CAD")


def test_whose_a_document_is_follows_from_what_was_booked_and_from_the_key_it_bears(journal: Journal) -> None:
    open_ = transfer(document("I2"), State.UNKNOWN, ledger_id="")
    moment = company(document(), document("I2"), document("I3"), transfers=(transfer(document()), open_))
    case = known(journal, moment).case()
    lost_ = planning.planned(case, document("I3"), Action.CREATE).key
    ledger = Scripted(searches=True)

    def owner(**told: Any) -> Any:
        ledger.like = {"x": [replace(Standing(ledger_id="9", number="n", kind=Kind.INVOICE), **told)]}
        wanted = {PAYMENT: Sought(name="", kind=Kind.PAYMENT, reference="x")}
        answered = books(journal, ledger).search(wanted, {})
        assert [each.number for each in answered.under[PAYMENT]] == [told.get("number", "n")]
        return answered.owners.get(told.get("ledger_id", "9"))

    assert owner() is None
    assert owner(ledger_id="L-I1") == INVOICE
    assert owner(key="psl-I2") == (Kind.INVOICE, "I2")
    assert owner(key="psl-I1") is None
    assert owner(key=lost_) == (Kind.INVOICE, "I3")
    of_generation = [idempotency_key("c", "beancount", Kind.INVOICE, "I3", generation) for generation in (1, 2, 3)]
    assert [owner(key=key) for key in of_generation] == [(Kind.INVOICE, "I3"), (Kind.INVOICE, "I3"), None]
    assert owner(number="L-I1") == INVOICE
    assert owner(number="L-I1", kind=Kind.PAYMENT) is None
    journal.write([replace(transfer(CLUB, State.MANUAL), ledger_id="9")])
    assert owner() is None, "a customer of this id is no document"
    assert [each.name for each in ledger.sought] == ["r0"] * 11


def test_what_is_like_a_record_is_a_strangers_and_a_ledger_that_cannot_be_asked_has_nothing(journal: Journal) -> None:
    case = known(
        journal, company(CLUB, document(), document("I2"), transfers=(transfer(CLUB), transfer(document("I2"))))
    ).case()
    mine = {INVOICE: enquiry.comparable(case, document(), planning.References(case, but=()))}
    assert mine[INVOICE].customer == "L-A1"
    there = Standing(ledger_id="17", number="F-I1", total=Decimal("100.00"), kind=Kind.INVOICE, date=DAY)
    ledger = Scripted(searches=True)
    ledger.like = {"F-I1": [there, replace(there, ledger_id="L-I2"), replace(there, void=True, ledger_id="18")]}
    answered = books(journal, ledger).search({}, mine)
    assert answered.alike == {INVOICE: [(there, Likeness.NUMBER)]}
    assert answered.under == {}
    assert books(journal, Scripted()).search({}, mine) == books(journal, ledger).search({}, {}) == enquiry.Answered()


def test_what_is_found_is_asked_once_and_forgotten_when_it_has_no_object_any_more(journal: Journal) -> None:
    there = Standing(ledger_id="17", number="F-I1")
    alike = {INVOICE: [(there, Likeness.NUMBER)]}
    [asked] = enquiry.ask(journal, Questions(), [INVOICE], alike)
    assert asked == Question(
        kind=Kind.INVOICE, record="I1", topic=Topic.SAME, about="17", rule="number", standing=there
    )
    kept = journal.questions()
    assert kept.waiting(INVOICE) == [asked]
    link = Question(kind=Kind.INVOICE, record="I1", topic=Topic.LINK, about="17")
    journal.ask([link])
    assert enquiry.ask(journal, journal.questions(), [INVOICE], alike) == [asked]
    assert enquiry.ask(journal, journal.questions(), [], {}) == []
    assert len(journal.questions().waiting(INVOICE)) == 2
    assert enquiry.ask(journal, journal.questions(), [INVOICE], {}) == []
    assert journal.questions().waiting(INVOICE) == [link]
    assert enquiry.ask(journal, journal.questions(), [INVOICE], alike) == [asked]
    read = journal.questions()
    journal.ask([asked.answered(Answer.SECOND, "anne", datetime.now(UTC))])
    assert enquiry.ask(journal, journal.questions(), [INVOICE], alike) == []
    assert enquiry.ask(journal, read, [INVOICE], alike) == [asked]
    assert Answer.SECOND in [each.answer for each in journal.questions().known[INVOICE]]


def test_what_customers_have_that_we_did_not_book(journal: Journal) -> None:
    known(journal, company(document(), transfers=(transfer(document()),)))
    ledger = Scripted(searches=True)
    there = Standing(ledger_id="17", customer="L-A1", kind=Kind.INVOICE)
    ledger.like = {"L-A1": [there, replace(there, ledger_id="L-I1"), replace(there, ledger_id="18", void=True),
                            replace(there, ledger_id="19", customer="L-A2")]}  # fmt: skip
    found = books(journal, ledger).by_hand(Side.SALES, ["L-A1", "L-A3"], DAY)
    assert found == {"L-A1": [there]}
    asked = [(each.name, each.kind, each.customer, each.first, each.last) for each in ledger.sought][:3]
    first = date(1980, 1, 1)
    assert asked == [
        (f"{kind}/L-A1", kind, "L-A1", first, DAY) for kind in (Kind.INVOICE, Kind.CREDIT_NOTE, Kind.PAYMENT)
    ]
    assert books(journal, ledger).by_hand(Side.SALES, [], DAY) == {}
    assert books(journal, Scripted()).by_hand(Side.SALES, ["L-A1"], DAY) == {}
    few = Scripted(searches=True, kinds=frozenset({Kind.INVOICE}))
    books(journal, few).by_hand(Side.SALES, ["L-A1"], DAY)
    assert [each.kind for each in few.sought] == [Kind.INVOICE]
    assert (
        books(journal, Scripted(searches=True, kinds=frozenset({Kind.CUSTOMER}))).by_hand(Side.SALES, ["x"], DAY) == {}
    )


def test_the_case_knows_what_was_asked_of_what_is_to_leave(journal: Journal) -> None:
    ledger = Scripted(searches=True)
    ledger.like = {"F-I1": [Standing(ledger_id="17", number="F-I1", kind=Kind.INVOICE)]}
    case = known(journal, company(CLUB, document(), maps=MAPPED)).case()
    asked = enquiry.looked_for(case, books(journal, ledger), journal, [INVOICE, PAYMENT])
    assert [each.about for each in asked.questions.waiting(INVOICE)] == ["17"]
    assert enquiry.looked_for(case, books(journal, ledger), journal, [PAYMENT]) is case


# both sides of the receivables


def compared(*records: Any, aged: Sequence[AgedBalance] = (), transfers: Sequence[Transfer] = ()) -> list[Any]:
    """Each account that differs or owes, as (account, name, currency, source, ledger, mismatches)."""
    case = company(CLUB, LIGUE, *records, transfers=tuple(transfers)).case()
    return [
        (row.account, row.name, row.currency, row.source, row.ledger.total,
         [(m.amount, m.record.key if m.record else "") for m in row.mismatches])
        for row in reconcile.compare(case, Side.SALES, aged, TODAY)
    ]  # fmt: skip


def aged(customer: str, total: str, currency: str = "") -> AgedBalance:
    """What a customer owes in the ledger."""
    return AgedBalance(customer=customer, name=f"name of {customer}", currency=currency, current=Decimal(total))


def test_each_account_is_compared_and_each_document_explains_its_part() -> None:
    credit = document("C1", "30.00", type_=CreditNote, invoice="I1")
    owed = document(balance=Decimal("70.00"))
    posted = transfer(owed, total=Decimal("100.02"))
    hundred, there = Decimal("100.00"), [aged("L-A1", "100.02"), aged("x", "5.00"), aged("y", "0")]
    assert compared(owed, credit, aged=there, transfers=(transfer(CLUB), posted)) == [
        ("A1", "Club", "CAD", Decimal("70.00"), Decimal("100.02"), [(Decimal("0.02"), "I1"), (Decimal("30.00"), "C1")]),
        ("x", "name of x", "CAD", Decimal(0), Decimal("5.00"), [(Decimal("5.00"), "")]),
    ]
    assert compared(document()) == [("A1", "Club", "CAD", hundred, Decimal(0), [(-hundred, "I1")])]
    neither = compared(document(balance=Decimal(0)), paid())
    assert neither == [("A1", "Club", "CAD", 0, 0, [(-hundred, "I1"), (hundred, "P1")])]
    unexplained = compared(document(), aged=[aged("L-A1", "112.50")], transfers=(transfer(CLUB), transfer(document())))
    assert unexplained[0][-1] == [(Decimal("12.50"), "")]
    usd = compared(document(currency="USD"), aged=[aged("L-A1", "1.00")], transfers=(transfer(CLUB),))
    assert [(row[2], row[3], row[4]) for row in usd] == [("USD", hundred, 0), ("CAD", 0, Decimal("1.00"))]


def test_what_is_cancelled_owes_nothing_and_what_came_from_the_ledger_explains_nothing() -> None:
    cancelled = document(cancelled=True)
    assert compared(cancelled) == compared(document("C1", type_=CreditNote, cancelled=True)) == []
    assert compared(cancelled, transfers=(transfer(CLUB), transfer(cancelled)), aged=[aged("L-A1", "100.00")]) == [
        ("A1", "Club", "CAD", 0, Decimal("100.00"), [(Decimal("100.00"), "I1")])
    ]
    theirs = paid(direction=Direction.FROM_LEDGER)
    assert compared(theirs)[0][-1] == [(Decimal("100.00"), "")]
    booked = transfer(paid(), total=Decimal("90.00"))
    assert compared(paid(), transfers=(booked,))[0][-1][0] == (Decimal("10.00"), "P1")
    assert reconcile.owed(CLUB) == 0


def test_what_an_account_pays_for_its_family_explains_a_ledger_that_counts_it_with_the_invoice() -> None:
    """Rule 6 of books.md: QuickBooks' ages are those of the invoices, whoever paid; any other difference stays one."""
    theirs, money = document(customer="A2", balance=Decimal(0)), paid()
    booked = (transfer(CLUB), transfer(LIGUE), transfer(theirs), transfer(money))
    apart = compared(theirs, money, transfers=booked)
    assert [(row[0], row[3], row[4], row[5]) for row in apart] == [
        ("A1", Decimal("-100.00"), 0, [(Decimal("100.00"), "P1")]),
        ("A2", Decimal("100.00"), 0, [(Decimal("-100.00"), "P1")]),
    ]
    assert compared(theirs, money, transfers=booked, aged=[aged("L-A1", "-100.00"), aged("L-A2", "100.00")]) != apart
    [one, _] = compared(theirs, money, transfers=booked, aged=[aged("L-A1", "5.00")])
    assert one[5] == [(Decimal("105.00"), "")]
    [one, _] = compared(theirs, money, transfers=booked[:3], aged=[aged("L-A1", "5.00")])
    assert (Decimal("5.00"), "") in one[5], "what is not booked moves nothing"


def test_documents_that_a_person_booked_explain_what_nothing_else_does() -> None:
    case = company(CLUB, transfers=(transfer(CLUB),)).case()
    [row] = reconcile.compare(case, Side.SALES, [aged("L-A1", "50.00")], TODAY)
    assert (row.difference, [(each.account, m.amount) for each, m in reconcile.unexplained([row])]) == (
        Decimal("50.00"), [("L-A1", Decimal("50.00"))],
    )  # fmt: skip
    there = [
        Standing(ledger_id="1", kind=Kind.INVOICE, total=Decimal("80.00")),
        Standing(ledger_id="2", kind=Kind.PAYMENT, total=Decimal("20.00")),
        Standing(ledger_id="3", kind=Kind.CREDIT_NOTE, total=Decimal("5.00"), currency="CAD"),
        Standing(ledger_id="4", kind=Kind.INVOICE, total=Decimal("1.00"), currency="USD"),
        Standing(ledger_id="5", kind=None, total=Decimal("1.00")), Standing(ledger_id="6", kind=Kind.INVOICE),
    ]  # fmt: skip
    found = reconcile.with_documents_by_hand(row, there)
    put_down = [
        (m.amount, m.by_hand.ledger_id if m.by_hand else "", m.why is not reconcile.Why.NOTHING)
        for m in found.mismatches
    ]
    assert put_down == [
        (Decimal("80.00"), "1", True), (Decimal("-20.00"), "2", True), (Decimal("-5.00"), "3", True),
        (Decimal("-5.00"), "", False),
    ]  # fmt: skip
    assert reconcile.with_documents_by_hand(row, []) == row
    exactly = reconcile.with_documents_by_hand(row, [replace(there[0], total=Decimal("50.00"))])
    assert [m.why for m in exactly.mismatches] == [reconcile.Why.BY_HAND]


def test_payments_of_suppliers_bills_are_nobodys_receivable() -> None:
    bill = document("B1", type_=SupplierInvoice)
    parts = (Allocation(invoice="B1", amount=Decimal("100.00")),)
    supplied = SupplierPayment(key="P2", date=DAY, customer="A1", currency="CAD", amount=Decimal("100.00"),
                               allocations=parts)  # fmt: skip
    assert compared(bill, supplied) == []
    assert Counter(row[0] for row in compared(bill, paid(invoice="I9"))) == {"A1": 1}
