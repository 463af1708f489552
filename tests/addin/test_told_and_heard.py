"""What a row is told of its record, and what is heard of the ledger's own changes: by rule, on records alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from addin import texts
from addin.journal import Journal, Seen, State
from addin.journal.inbound import Decision, Heard, Proposal
from addin.journal.rows import payload_of
from addin.options import Options
from addin.sync import accepted, deliver, inbound
from addin.sync.claims import Finding
from addin.sync.deliver import Answer, answers, unsolved
from addin.sync.inbound import Known, News, beginning, known, news, understood
from connectors.ledger import Change, LedgerCustomer
from connectors.problems import Problem, problem_of
from connectors.records import (
    Address,
    Allocation,
    Customer,
    Kind,
    Payment,
    SupplierInvoice,
    SyncStatus,
    What,
)
from connectors.source import Result
from tests.addin.cases import DAY, TODAY, Company, company, document, transfer
from tests.addin.test_carrying_out import known as made_known
from workbook.book import RowKey, Value
from workbook.layout import STATUSES, Table
from workbook.review import Typed
from workbook.rows import names_of

CLUB = Customer(key="A1", number="1001", name="Club", email="a@b.org")
LIGUE = Customer(key="A2", number="1002", name="Ligue")
INVOICE = (Kind.INVOICE, "I1")
ACCOUNT = (Kind.CUSTOMER, "A1")
RUN = 7
DONE, ERROR, LEAVES = SyncStatus.COMPLETED, SyncStatus.ERROR, SyncStatus.TO_TRANSFER
WHY = problem_of(document(), "no_lines")
OTHER = problem_of(document(), "not_sent")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal.at(tmp_path / "journal.sqlite")
    yield opened
    opened.close()


# what a row says


def answer(*sent: Any, status: SyncStatus = LEAVES, problems: Sequence[Problem] = (), **given: Any) -> Answer:
    """What the row of the invoice is to say."""
    moment = company(given.pop("record", document()), transfers=sent, statuses={"I1": status, "A1": status}, **given)
    [(_, told)] = answers(moment.case(), problems, RUN).items()
    return told


def test_what_waits_says_its_status_and_its_problems() -> None:
    assert answer() == Answer(LEAVES, "")
    assert answer(problems=[WHY, problem_of(document("I9"), "no_lines"), Problem(code="stopped", params={"ledger": ""})]
                  ) == Answer(LEAVES, "", (WHY,))  # fmt: skip
    asked = problem_of(document(), "already_booked", there="t", likeness="number", url="https://x")
    assert answer(problems=[OTHER, asked]).url == "https://x"
    assert answer(typed={"I1": {"reference": "77"}}).reference == "77"


def test_what_the_ledger_has_says_its_reference_and_a_total_that_differs() -> None:
    posted = transfer(document(), ledger_number="77", url="u")
    assert answer(posted) == Answer(DONE, "77", (), "u")
    differs = problem_of(document(), "total_differs", ledger_total="100.05", total="100.00")
    near = replace(posted, problem=differs, total=Decimal("100.05"))
    assert answer(near) == Answer(DONE, "77", (differs,), "u")
    assert answer(near, problems=[differs]).problems == (differs,)
    assert answer(replace(near, total=Decimal("100.06"))).status is ERROR
    assert answer(replace(near, total=Decimal("99.94"))).status is ERROR
    assert answer(replace(near, total=None)).status is DONE
    assert answer(replace(posted, total=Decimal("1.00"))).status is DONE
    assert answer(near, options=Options(difference_limit=Decimal("0.04"))).status is ERROR
    payment = Payment(key="I1", date=DAY, customer="A1", currency="CAD", amount=Decimal(1))
    assert answer(transfer(payment, problem=differs, total=Decimal(9)), record=payment).status is DONE


def test_a_changed_account_shows_that_it_goes_again() -> None:
    sent = transfer(CLUB, digest="before", url="u")
    for status in (LEAVES, SyncStatus.STAND_BY, SyncStatus.DO_NOT_SYNC):
        assert answer(sent, record=CLUB, status=status) == Answer(status, "L-A1", (), "u")
    assert answer(sent, record=CLUB, status=DONE).status is DONE
    assert answer(transfer(CLUB), record=CLUB).status is DONE
    assert answer(transfer(document()), status=SyncStatus.STAND_BY).status is DONE


def test_a_refusal_stands_until_a_person_has_seen_it_and_marked_the_record_again() -> None:
    refusal = transfer(document(), State.REJECTED, problem=WHY, told_sheet=True, run=1)
    assert answer(refusal) == Answer(LEAVES, "")
    assert answer(refusal, status=ERROR) == Answer(ERROR, "", (WHY,))
    assert answer(replace(refusal, run=RUN)) == Answer(ERROR, "", (WHY,))
    assert answer(replace(refusal, told_sheet=False), problems=[OTHER]) == Answer(ERROR, "", (OTHER, WHY))
    assert answer(refusal, status=ERROR, problems=[WHY]).problems == (WHY,)
    assert answer(replace(refusal, problem=None), status=ERROR) == Answer(ERROR, "")
    second = replace(refusal, generation=1, run=RUN)
    assert answer(transfer(document()), second) == Answer(ERROR, "L-I1", (WHY,))


def test_what_was_taken_out_says_why_while_it_waits() -> None:
    told = problem_of(document(), "undone", reference="L-I1", date="2026-01-05")
    for state in (State.UNDONE, State.ABSENT):
        sent = transfer(document(), state, problem=told)
        assert answer(sent, status=SyncStatus.STAND_BY).problems == (told,)
        assert answer(sent, status=SyncStatus.STAND_BY, problems=[told]).problems == (told,)
        assert answer(sent).problems == ()
    undone = transfer(document(), State.UNDONE)
    assert answer(undone, typed={"I1": {"reference": "L-I1"}}).reference == ""
    assert answer(undone, typed={"I1": {"reference": "other"}}).reference == "other"
    for state in (State.UNDOING, State.GONE):
        assert answer(transfer(document(), state, ledger_number="77"), status=DONE) == Answer(DONE, "77")


def test_what_was_typed_and_is_not_believed_stays_until_a_person_changes_it() -> None:
    found = {INVOICE: Finding(problem=WHY)}
    given: dict[str, Any] = {"findings": found, "typed": {"I1": {"reference": "X"}}, "problems": [WHY]}
    assert answer(**given) == Answer(LEAVES, "X", (WHY,))
    assert answer(transfer(document()), **given) == Answer(LEAVES, "X", (WHY,))
    assert answer(findings={INVOICE: Finding()}) == Answer(LEAVES, "")
    assert answer(transfer(document()), findings={INVOICE: Finding()}) == Answer(DONE, "L-I1")


def test_a_record_without_a_row_is_told_nothing_and_an_error_is_told_until_it_is_solved() -> None:
    moment = company(CLUB, document(), gone=frozenset({"A1"}))
    told = answers(moment.case(), (), RUN)
    assert [*told] == [INVOICE]
    red = {INVOICE: Answer(ERROR, "", (WHY, OTHER)), ACCOUNT: Answer(DONE, "", (WHY,))}
    assert unsolved(red, [WHY]) == (OTHER,)
    assert unsolved(red, []) == (WHY, OTHER)
    foreign = {ACCOUNT: Answer(ERROR, "", (WHY,))}
    assert unsolved(foreign, []) == (replace(WHY, kind=Kind.CUSTOMER, key="A1"),)


class Rows:
    """A workbook of which only what is written is looked at; rows of some keys are not there any more."""

    def __init__(self, *gone: str) -> None:
        self.gone = gone
        self.written: list[tuple[str, dict[str, dict[str, Value]], bool]] = []

    def write(
        self, table: Table, cells: Mapping[RowKey, Mapping[str, Value]], *, every: bool = False
    ) -> Collection[RowKey]:
        if cells:
            self.written.append((table.name, {key[-1]: dict(changed) for key, changed in cells.items()}, every))
        return frozenset(key for key in cells if key[-1] in self.gone)


def written(moment: Company, told: Mapping[Any, Answer], *gone: str) -> tuple[Rows, tuple[Problem, ...]]:
    """What is written of answers, and what could not be."""
    case = moment.case()
    book = Rows(*gone)
    names = names_of({key: case.records[key] for key in case.records}, "en")
    return book, deliver.write(book, case, told, names)  # type: ignore[arg-type]


def test_only_cells_that_say_something_else_are_written() -> None:
    moment = company(CLUB, document(), document("I2"), seen={"I1": {"reviewed_by": "alice"}})
    book, left = written(
        moment, {INVOICE: Answer(DONE, "77", (OTHER, OTHER)), (Kind.INVOICE, "I2"): Answer(LEAVES, "")}
    )
    [(table, rows, every)] = book.written
    assert (table, every, left) == ("tblInvoices", False, ())
    said = texts.what("en", OTHER)
    assert rows == {
        "I1": {"status": STATUSES["completed"].en, "reference": "77", "reason": f"{said} {said}",
               "fix": texts.fix("en", OTHER), "reviewed_by": "alice"}
    }  # fmt: skip
    book, _ = written(moment, {INVOICE: Answer(None, "77", (OTHER,))})
    assert book.written[0][1]["I1"].keys() == {"reason", "fix", "reviewed_by"}


def test_a_record_whose_row_is_gone_is_told_with_its_number_and_sheet() -> None:
    moment = company(CLUB, document(), document("I2", number=""))
    told = dict.fromkeys((INVOICE, (Kind.INVOICE, "I2")), Answer(DONE, "77"))
    _, left = written(moment, told, "I1", "I2")
    assert [(p.code, p.kind, p.key, p.number, dict(p.params)) for p in left] == [
        ("result_not_written", Kind.INVOICE, "I1", "F-I1", {"number": "F-I1", "table": "tblInvoices"}),
        ("result_not_written", Kind.INVOICE, "I2", "", {"number": "I2", "table": "tblInvoices"}),
    ]


def test_of_a_record_that_has_two_rows_both_say_why_and_nothing_else() -> None:
    """Nobody can say which is its own."""
    moment = company(document(), document("I2"))
    case = moment.case()
    [row] = case.review.rows[INVOICE].rows
    rows = {**case.review.rows, INVOICE: Typed(case.review.rows[INVOICE].grid, (row, replace(row, number=9)))}
    case = replace(case, review=replace(case.review, rows=rows))
    names = names_of({key: case.records[key] for key in case.records}, "en")
    book: Any = Rows("I1")
    told = {INVOICE: Answer(ERROR, "77", (WHY,)), (Kind.INVOICE, "I2"): Answer(DONE, "78")}
    left = deliver.write(book, case, told, names)
    changed = [({key: sorted(cells) for key, cells in rows.items()}, every) for _, rows, every in book.written]
    assert changed == [({"I2": ["reference", "status"]}, False), ({"I1": ["fix", "reason"]}, True)]
    assert [(problem.code, problem.key) for problem in left] == [("result_not_written", "I1")]


def test_more_than_a_cell_holds_is_cut() -> None:
    long = replace(WHY, code="ledger_refused", params={"ledger": "L"}, detail="x" * 250)
    many = tuple(replace(long, detail=f"{n} {'x' * 250}") for n in range(80))
    book, _ = written(company(document()), {INVOICE: Answer(ERROR, "", many)})
    assert len(str(book.written[0][1]["I1"]["reason"])) == deliver.TOLD


def test_the_source_is_told_of_every_outcome_once(journal: Journal) -> None:
    """A source that acknowledges nothing is told nothing.

    It is told which references were there before: what it had when it was read, and what it was told of former ways.
    """
    records = [document(f"I{n}") for n in range(1, 5)]
    records[1] = replace(records[1], sync_reference="OLD")
    sent = (transfer(records[0], ledger_number="77"), transfer(records[1], State.REJECTED, problem=WHY),
            transfer(records[2], State.UNDONE, ledger_number="78"), transfer(records[3], State.INTENT))  # fmt: skip
    case = made_known(journal, company(*records[:3], transfers=sent)).case()
    told: list[Result] = []
    refused = [Problem(code="source_unreachable", kind=Kind.INVOICE, key="I2")]

    class Source:
        class capabilities:  # noqa: N801
            acknowledges = False

        def acknowledge(self, results: Sequence[Result]) -> Sequence[Problem]:
            told.extend(results)
            return refused

    source: Any = Source()
    assert (deliver.tell_source(journal, source, case, TODAY), told) == ((), [])
    source.capabilities.acknowledges = True
    assert deliver.tell_source(journal, source, case, TODAY) == (refused[0],)
    result = Result(kind=Kind.INVOICE, key="I1", number="F-I1", status=DONE, sync_reference="77", ledger_number="77",
                    reason="", on=TODAY, former=frozenset({"77"}))  # fmt: skip
    waits = replace(result, sync_reference="", ledger_number="", former=frozenset({"OLD", "L-I2"}))
    assert sorted(told, key=lambda each: each.key) == [
        result, replace(waits, key="I2", number="F-I2", status=ERROR, reason=texts.what("en", WHY)),
        replace(waits, key="I3", number="F-I3", status=SyncStatus.STAND_BY, former=frozenset({"78"})),
    ]  # fmt: skip
    told.clear()
    refused.clear()
    assert deliver.tell_source(journal, source, case, TODAY) == ()
    assert [each.key for each in told] == ["I2"], "what it did not take is told again, and nothing else"
    told.clear()
    assert (deliver.tell_source(journal, source, case, TODAY), told) == ((), [])


def test_what_the_sheet_shows_is_noted_of_what_was_told(journal: Journal) -> None:
    """What the source was told meanwhile stays."""
    sent = (transfer(document()), transfer(document("I2"), State.INTENT))
    made_known(journal, company(document(), document("I2"), transfers=sent))
    journal.write([replace(sent[0], told_source=True)])
    deliver.told_sheet(journal, sent)
    now = {key[1]: history[-1] for key, history in journal.transfers().items()}
    assert (now["I1"].told_sheet, now["I1"].told_source, now["I2"].told_sheet) == (True, True, False)
    gone = transfer(document(), State.GONE)
    case = company(document(), document("I2"), transfers=(gone, transfer(document("I2")))).case()
    assert deliver.gone_untold(case) == {INVOICE}
    assert deliver.gone_untold(company(document(), transfers=(replace(gone, told_sheet=True),)).case()) == frozenset()


# what is heard

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
FIELDS = frozenset({"name", "email"})


def heard_of(record: Any, ledger_id: str, told: frozenset[str] = FIELDS, **more: Any) -> Change:
    """What the ledger tells of a record."""
    made = Change(what=What.CHANGED, kind=record.kind, ledger_id=ledger_id, when=NOW, told=told,
                  record=replace(record, key=ledger_id))  # fmt: skip
    return replace(made, **more)


def of(*records: Any, sent: Any = None, heard: Any = (), proposals: Any = (), **more: Any) -> Known:
    """What the journal knows: all these records, booked unless it is said otherwise."""
    transfers = {(t.kind, t.record): t for t in (map(transfer, records) if sent is None else sent)}
    kept = {
        (r.kind, r.key): Seen(kind=r.kind, key=r.key, number=r.number, payload=payload_of(r),
                              digest=transfer(r).digest, status=DONE) for r in records
    }  # fmt: skip
    by_about: dict[Any, dict[str, Proposal]] = {}
    for each in proposals:
        by_about.setdefault(each.about, {})[each.field] = each
    made = Known(
        by_id={(t.kind is Kind.CUSTOMER, t.ledger_id): t for t in transfers.values()}, by_number={},
        awaited=frozenset(), seen=kept, booked=transfers,
        accounts={key: each for key, each in kept.items() if key[0] is Kind.CUSTOMER},
        heard={each.id: each for each in heard}, proposals=by_about,
    )  # fmt: skip
    return replace(made, **more)


def asked(change: Change, what_is_known: Known) -> list[tuple[str, str, dict[str, str], dict[str, str]]]:
    """What a person is asked about a change: field, what, ours and theirs."""
    return [(p.field, p.what, dict(p.ours), dict(p.theirs)) for p in news([change], what_is_known).asked]


EMAIL = replace(CLUB, email="new@b.org")
BEFORE = Heard(kind=Kind.CUSTOMER, ledger_id="L-A1", told={"name": "Club", "email": "a@b.org"})


def test_a_value_that_is_neither_ours_nor_what_was_told_before_is_asked_about_whole() -> None:
    change = heard_of(EMAIL, "L-A1", number="9", word="w", url="u")
    [proposal] = news([change], of(CLUB)).asked
    assert proposal == Proposal(
        kind=Kind.CUSTOMER, ledger_id="L-A1", field="email", record="A1", number="9", name="Club", word="w",
        what=What.CHANGED, ours={"email": "a@b.org"}, theirs={"email": "new@b.org"},
        happened="2026-01-31T12:00:00+00:00", url="u",
    )  # fmt: skip
    bare = news([replace(change, number="", url="", name="Named")], of(CLUB)).asked[0]
    assert (bare.number, bare.name, bare.url) == ("1001", "Named", "")
    booked = (replace(transfer(CLUB), url="ours"),)
    assert news([replace(change, url="")], of(CLUB, sent=booked)).asked[0].url == "ours"
    assert asked(heard_of(CLUB, "L-A1"), of(CLUB)) == []
    assert asked(change, of(CLUB, heard=[replace(BEFORE, told={"email": "new@b.org"})])) == []
    assert [each[0] for each in asked(change, of(CLUB, heard=[BEFORE]))] == ["email"]


def test_an_address_is_decided_on_as_a_whole() -> None:
    moved = replace(CLUB, billing=Address(city="Lévis", street="1"))
    change = heard_of(moved, "L-A1", frozenset({"billing"}))
    [(field, _, ours, theirs)] = asked(change, of(CLUB))
    assert (field, ours["billing.city"], theirs["billing.city"], theirs["billing.street"]) == (
        "billing",
        "",
        "Lévis",
        "1",
    )


def test_what_is_heard_is_remembered_where_it_is_new() -> None:
    change = heard_of(CLUB, "L-A1")
    assert news([change], of(CLUB)).heard == (BEFORE,)
    assert news([change], of(CLUB, heard=[BEFORE])).heard == ()
    gone = replace(change, record=None, what=What.DELETED)
    assert news([gone], of(CLUB)).heard == ()


def test_what_the_source_alone_changed_since_it_was_sent_is_no_news_of_the_ledgers() -> None:
    """Within the time that the call itself may take."""
    sent = replace(transfer(EMAIL), digest="before", sent=NOW.timestamp())
    change = heard_of(CLUB, "L-A1")
    assert asked(change, of(EMAIL, sent=(sent,))) == []
    later = replace(change, when=NOW + timedelta(seconds=181))
    assert [each[0] for each in asked(later, of(EMAIL, sent=(sent,)))] == ["email"]
    assert [
        each[0] for each in asked(replace(change, when=NOW + timedelta(seconds=180)), of(EMAIL, sent=(sent,)))
    ] == []
    same = replace(sent, digest=transfer(EMAIL).digest)
    assert [each[0] for each in asked(change, of(EMAIL, sent=(same,)))] == ["email"]


def test_what_was_linked_by_hand_begins_as_it_is_first_told() -> None:
    linked = (transfer(CLUB, State.MANUAL),)
    change = heard_of(EMAIL, "L-A1")
    assert asked(change, of(CLUB, sent=linked)) == []
    assert [each[0] for each in asked(change, of(CLUB, sent=linked, heard=[BEFORE]))] == ["email"]


def waiting(decision: Decision = Decision.WAITING, **more: Any) -> Proposal:
    """A proposal of another e-mail address."""
    made = Proposal(kind=Kind.CUSTOMER, ledger_id="L-A1", field="email", record="A1", what=What.CHANGED,
                    ours={"email": "a@b.org"}, theirs={"email": "new@b.org"}, happened="2026-01-31T12:00:00+00:00",
                    decision=decision)  # fmt: skip
    return replace(made, **more)


def test_a_proposal_is_asked_anew_where_it_says_more_and_goes_where_it_has_no_object() -> None:
    told = replace(BEFORE, told={"name": "Club", "email": "new@b.org"})
    change = heard_of(EMAIL, "L-A1")

    def says(change: Change, *proposals: Proposal) -> tuple[int, int]:
        found = news([change], of(CLUB, heard=[told], proposals=proposals))
        return len(found.asked), len(found.gone)

    assert says(change, waiting()) == says(change, waiting(Decision.ACCEPTED)) == (0, 0)
    assert says(change, waiting(Decision.TAKEN)) == says(change, waiting(Decision.IGNORED)) == (0, 0)
    other = heard_of(replace(CLUB, email="third@b.org"), "L-A1")
    assert says(other, waiting()) == (1, 0)
    assert says(other, waiting(Decision.IGNORED)) == (1, 0)
    back = heard_of(CLUB, "L-A1")
    assert says(back, waiting()) == (0, 1)
    assert says(back, waiting(Decision.IGNORED)) == (0, 1)
    ignored = waiting(Decision.IGNORED, theirs={"email": "a@b.org"})
    assert says(back, ignored) == (0, 0)
    assert says(back, waiting(Decision.IGNORED, field="")) == (0, 0)
    since = replace(BEFORE, told={"name": "Club", "email": "third@b.org"})
    found = news([other], of(CLUB, heard=[since], proposals=[waiting(Decision.IGNORED)]))
    assert (len(found.asked), len(found.gone)) == (0, 1)


def test_what_is_over_is_asked_again_only_when_it_happened_again() -> None:
    gone = Change(what=What.VOIDED, kind=Kind.INVOICE, ledger_id="L-I1", when=NOW)
    first = news([gone], of(document(), CLUB)).asked[0]
    assert (first.what, first.field, first.record, first.name, first.number) == (What.VOIDED, "", "I1", "Club", "F-I1")
    assert news([gone], of(document(), proposals=[first])).asked == ()
    again = replace(gone, when=NOW + timedelta(days=1))
    assert len(news([again], of(document(), proposals=[first])).asked) == 1
    other = replace(gone, what=What.DELETED, when=NOW - timedelta(days=1))
    assert len(news([other], of(document(), proposals=[first])).asked) == 1


def test_a_strangers_record_is_asked_about_when_it_is_made_and_never_a_purchase() -> None:
    made = heard_of(replace(EMAIL, number="5"), "9", what=What.CREATED)
    [(field, what, ours, theirs)] = asked(made, of(CLUB))
    assert (field, what, ours, theirs) == ("", What.CREATED, {}, {"name": "Club", "email": "new@b.org"})
    known_before = replace(BEFORE, ledger_id="9")
    assert asked(made, of(CLUB, heard=[known_before])) == []
    assert asked(replace(made, what=What.CHANGED), of(CLUB)) == []
    whole = waiting(ledger_id="9", field="", record="", what=What.CREATED, ours={}, theirs={})
    assert [each[1] for each in asked(replace(made, what=What.CHANGED), of(proposals=[whole]))] == [What.CREATED]
    assert asked(replace(made, key="k"), of(CLUB, awaited=frozenset({"k"}))) == []
    assert len(asked(replace(made, key="other"), of(CLUB, awaited=frozenset({"k"})))) == 1
    supplier = heard_of(replace(EMAIL, is_supplier=True), "9", what=What.CREATED)
    bill = heard_of(document(type_=SupplierInvoice), "9", frozenset({"number"}), what=What.CREATED)
    assert asked(supplier, of()) == asked(bill, of()) == []
    gone = replace(made, record=None, what=What.DELETED)
    assert asked(gone, of(proposals=[whole])) == asked(gone, of()) == []
    taken = replace(whole, decision=Decision.TAKEN)
    assert [each[1] for each in asked(gone, of(proposals=[taken]))] == [What.DELETED]


def test_what_changed_of_a_record_that_the_source_has_taken_is_asked_field_by_field() -> None:
    taken = waiting(Decision.TAKEN, ledger_id="9", field="", record="")
    told = replace(BEFORE, ledger_id="9")
    change = heard_of(EMAIL, "9")
    assert asked(change, of(heard=[told], proposals=[taken])) == [
        ("email", What.CHANGED, {"email": "a@b.org"}, {"email": "new@b.org"})
    ]
    still = waiting(ledger_id="9", ours={"email": "first@b.org"}, theirs={"email": "second@b.org"})
    assert asked(
        change, of(heard=[replace(told, told={"name": "Club", "email": "new@b.org"})], proposals=[taken, still])
    )[0][2] == {"email": "first@b.org"}
    assert asked(heard_of(CLUB, "9"), of(heard=[told], proposals=[taken])) == []


def test_a_customer_that_is_gone_while_its_documents_moved_to_one_other_was_merged() -> None:
    gone = Change(what=What.DELETED, kind=Kind.CUSTOMER, ledger_id="L-A1", when=NOW)
    moved = heard_of(document(customer="L-A2"), "L-I1", frozenset({"customer"}))
    what_is_known = of(CLUB, LIGUE, document(), document("I2"))
    both = understood([gone, moved], what_is_known)
    assert [(each.what, each.merged_into) for each in both] == [(What.MERGED, "L-A2"), (What.CHANGED, "")]
    elsewhere = heard_of(document(customer="L-A9"), "L-I2", frozenset({"customer"}))
    assert understood([gone, moved, elsewhere], what_is_known)[0] == gone
    silent = heard_of(document(customer="L-A2"), "L-I1", frozenset({"number"}))
    assert understood([gone, silent], what_is_known)[0] == gone
    stays = heard_of(document(customer="L-A1"), "L-I1", frozenset({"customer"}))
    assert understood([gone, stays], what_is_known)[0] == gone
    found = news([gone, moved], what_is_known).asked
    assert [(p.kind, p.what, p.merged_into) for p in found] == [(Kind.CUSTOMER, What.MERGED, "L-A2")]
    assert [p.field for p in news([moved], what_is_known).asked] == ["customer"]
    other = replace(gone, kind=Kind.INVOICE)
    assert understood([replace(other, ledger_id="x"), moved], what_is_known)[0].what is What.DELETED


def test_our_kind_counts_where_the_ledger_has_another_word_for_it() -> None:
    change = Change(what=What.VOIDED, kind=Kind.SALES_RECEIPT, ledger_id="L-I1", when=NOW)
    assert understood([change], of(document()))[0].kind is Kind.INVOICE
    assert understood([replace(change, ledger_id="x")], of(document()))[0].kind is Kind.SALES_RECEIPT
    numbered = of(document(), sent=(), by_number={(Kind.INVOICE, "77"): transfer(document())})
    assert numbered.holder(replace(change, kind=Kind.INVOICE, ledger_id="x", number="77")) == transfer(document())


def test_fields_that_our_side_cannot_say_in_the_ledgers_ids_are_left_aside() -> None:
    child = replace(CLUB, parent="A2")
    change = heard_of(replace(CLUB, parent="L-A9"), "L-A1", frozenset({"parent"}))
    assert [each[0] for each in asked(change, of(child, LIGUE))] == ["parent"]
    assert asked(change, of(child)) == []
    moved = heard_of(document(customer="L-A9"), "L-I1", frozenset({"customer"}))
    assert asked(moved, of(document())) == []
    paid = Payment(key="P1", date=DAY, customer="A1", currency="CAD", amount=Decimal(1),
                   allocations=(Allocation(invoice="I1", amount=Decimal(1)),))  # fmt: skip
    told = frozenset({"allocations"})
    other = heard_of(replace(paid, allocations=(Allocation(invoice="L-I9", amount=Decimal(1)),)), "L-P1", told)
    assert [each[0] for each in asked(other, of(paid, document(), CLUB))] == []
    typed = {(Kind.INVOICE, "I1"): replace(transfer(document()), ledger_id="Invoice:1")}
    apart = replace(paid, allocations=(Allocation(invoice="Invoice:2", amount=Decimal(1)),))
    now = of(paid, CLUB)
    now = replace(now, booked={**now.booked, **typed})
    assert [each[0] for each in asked(heard_of(apart, "L-P1", told), now)] == ["allocations"]


def test_care_and_terms_are_compared_in_the_ledgers_words() -> None:
    ours_ = replace(CLUB, care_of="A2", terms="N30")
    told = frozenset({"care_of", "terms"})
    same = heard_of(replace(CLUB, care_of="Ligue", terms="Net 30"), "L-A1", told)
    assert asked(same, of(ours_, LIGUE, terms={"N30": "Net 30"})) == []
    assert [each[0] for each in asked(same, of(ours_, LIGUE))] == ["terms"]
    named = heard_of(replace(CLUB, care_of="Madame Roy", terms="N30"), "L-A1", told)
    assert asked(named, of(replace(ours_, care_of="Madame Roy"))) == []


def test_a_ledger_that_is_first_listened_to_is_remembered_and_not_asked_about() -> None:
    listed = [
        LedgerCustomer(reference="L-A1", name="Club", email="x", phone="p"),
        LedgerCustomer(reference="9", name="N"),
    ]
    first = News((waiting(),), (BEFORE,), (waiting(),))
    assert beginning(first, listed) == News(
        (), (BEFORE, Heard(kind=Kind.CUSTOMER, ledger_id="9", told={"name": "N", "email": "", "phone": ""})), ()
    )  # fmt: skip
    only = beginning(News((), (), ()), listed[:1]).heard
    assert only == (Heard(kind=Kind.CUSTOMER, ledger_id="L-A1", told={"name": "Club", "email": "x", "phone": "p"}),)


def test_what_the_journal_knows_of_what_is_told(journal: Journal) -> None:
    paid = Payment(key="P1", number="R-1", date=DAY, customer="A1", currency="CAD", amount=Decimal(1),
                   allocations=(Allocation(invoice="I1", amount=Decimal(1)),))  # fmt: skip
    by_hand = transfer(document("I2"), State.MANUAL, ledger_id="77")
    open_ = transfer(document("I3"), State.INTENT, ledger_id="")
    records = (replace(CLUB, parent="A2"), LIGUE, document(), document("I2"), document("I3"), paid)
    booked = (transfer(CLUB), transfer(LIGUE), transfer(document(), State.GONE), transfer(paid), by_hand, open_)
    made_known(journal, company(*records, transfers=booked))
    journal.hear([waiting()], [BEFORE, Heard(kind=Kind.INVOICE, ledger_id="L-I1", told={"a": "b"})])
    changes = [heard_of(paid, "L-P1", frozenset()), heard_of(CLUB, "L-A1"), heard_of(document(), "L-I1", frozenset()),
               heard_of(document("I2"), "x", frozenset(), number="77"),
               heard_of(document("I3"), "y", frozenset(), key="psl-I3")]  # fmt: skip
    found = known(journal, changes, {"N30": "Net 30"})
    assert {key: t.record for key, t in found.by_id.items()} == {
        (False, "L-P1"): "P1", (True, "L-A1"): "A1", (False, "L-I1"): "I1", (False, "77"): "I2"
    }  # fmt: skip
    assert {key: t.record for key, t in found.by_number.items()} == {(Kind.INVOICE, "77"): "I2"}
    assert found.awaited == {"psl-I3"}
    assert {key[1] for key in found.seen} == {"P1", "A1", "I1", "I2"}
    assert {key[1] for key in found.accounts} == {"A1", "A2"}
    assert {key[1]: t.ledger_id for key, t in found.booked.items()} == {"A1": "L-A1", "A2": "L-A2", "I1": "L-I1"}
    assert found.heard.keys() == {(Kind.CUSTOMER, "L-A1"), (Kind.INVOICE, "L-I1")}
    assert found.proposals == {(Kind.CUSTOMER, "L-A1"): {"email": waiting()}}
    assert (found.terms, found.customer("A1"), found.customer("A9")) == ({"N30": "Net 30"}, "L-A1", "")
    names = [found.name(found.by_id[key]) for key in ((False, "L-P1"), (True, "L-A1"), (False, "L-I1"))]
    assert (names, found.name(None)) == (["Club", "Club", "Club"], "")


def test_payments_of_the_ledger_that_were_accepted_are_kept_until_they_are_taken_out_again(journal: Journal) -> None:
    """Each pays of our invoices what the ledger said; whom else it pays is nothing that the source has."""
    invoice = document(balance=Decimal("100.00"))
    made_known(journal, company(CLUB, invoice, document("I2"), transfers=(transfer(CLUB), transfer(invoice))))
    theirs = {"allocations": "L-I1: 30.00\nL-I9: 5.00\nL-A1: 1.00\nL-I1 none", "total": "35.00"}
    made = Proposal(kind=Kind.PAYMENT, ledger_id="17", number="R", what=What.CREATED, happened="", theirs=theirs)
    part = accepted.AcceptedPayment(ledger_id="17", number="R", invoice="I1", amount=Decimal("30.00"),
                                    balance=Decimal("100.00"))  # fmt: skip
    assert accepted.kept(journal) == ()
    assert accepted.take(journal, [made]) == {"I1"}
    assert accepted.kept(journal) == (part,)
    assert accepted.take(journal, [made]) == frozenset()
    for other in (replace(made, kind=Kind.INVOICE), replace(made, record="P1"), replace(made, theirs={"total": "1"})):
        assert accepted.take(journal, [replace(other, ledger_id="18")]) == frozenset()
    less = replace(made, theirs={"allocations": "L-I1: 20.00"})
    assert accepted.take(journal, [less]) == {"I1"}
    assert [each.amount for each in accepted.kept(journal)] == [Decimal("20.00")]
    assert accepted.take(journal, [replace(made, what=What.VOIDED, theirs={})]) == {"I1"}
    assert accepted.kept(journal) == ()
    accepted.keep(journal, [part])
    assert accepted.kept(journal) == (part,)


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, ""), (True, "yes"), (False, "no"), (Decimal("1.5"), "1.50"), (Decimal("1.505"), "1.505"),
     (DAY, "2026-01-05"), ("x", "x")],
)  # fmt: skip
def test_a_value_is_kept_as_text(value: Any, said: str) -> None:
    assert inbound.text(value) == said
