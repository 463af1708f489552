"""The crash matrix of the ways to booked: whatever goes wrong with whichever write, once and whole, or not at all.

A posting ends booked whole, or certainly not booked, or unknown; and whoever looks an unknown one up, and sends again
what is not found, ends with it booked exactly once.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.booking import applying, carrying, sights, undoing
from connectors.booking.recipes import Answer, Body, Refusal, Sight, Write
from connectors.ledger import Action, Applied, Outcome, Posted, Posting, Rejected, Unknown
from connectors.problems import CannotRun, Problem
from connectors.records import CreditNote, Invoice, InvoiceLine, Kind, Payment, Transferable
from tests.connectors.shelf import Killed, Shelf, ShelfBooks, Wrong

DAY = date(2025, 3, 15)
HUNDRED = Decimal(100)


def document(made: type[Invoice] | type[CreditNote], amount: Decimal = HUNDRED) -> Invoice | CreditNote:
    line = InvoiceLine(key="1", number=1, description="Dues", amount=amount)
    return made(key="d", date=DAY, customer="c", currency="CAD", lines=(line,), subtotal=amount, tax=Decimal(0),
                total=amount)  # fmt: skip


def posting(key: str, record: Transferable, *parts: tuple[str, Decimal]) -> Posting:
    applied = tuple(Applied(ledger_id=name, amount=amount) for name, amount in parts)
    return Posting(key=key, record=record, customer="C1", applied=applied)


def shelf_with_invoices() -> Shelf:
    shelf = Shelf()
    for key in ("i1", "i2"):
        [outcome] = carrying.post(ShelfBooks(shelf), [posting(key, document(Invoice))])
        assert isinstance(outcome, Posted)
    shelf.writes = 0
    return shelf


PAYMENT = Payment(key="p", date=DAY, customer="c", currency="CAD", amount=Decimal(130))
RECIPES: dict[str, Callable[[], Posting]] = {
    "one write": lambda: posting("k", document(Invoice)),
    "made, then applied": lambda: posting("k", document(CreditNote), ("R1", Decimal(60))),
    "a part for each of two": lambda: posting("k", PAYMENT, ("R1", HUNDRED), ("R2", Decimal(30))),
}
WRITES = {"one write": 1, "made, then applied": 2, "a part for each of two": 2}
WHOLE = {"one write": 1, "made, then applied": 1, "a part for each of two": 2}
"""How many rows bear the key of what is booked whole."""
PLACES = [(name, place) for name, count in WRITES.items() for place in range(1, count + 1)]


def sent(books: ShelfBooks, asked: Posting) -> str:
    """What became of one posting, as the caller sees it; what has no outcome is as unknown as a lost answer."""
    try:
        [outcome] = carrying.post(books, [asked])
    except (Killed, CannotRun):
        return "unknown"
    return {Posted: "posted", Rejected: "rejected", Unknown: "unknown"}[type(outcome)]


def is_found(books: ShelfBooks, asked: Posting) -> bool:
    there = sights.bodies(books, [asked])
    return carrying.is_whole(books, asked, sights.sights(books, [asked], there)[asked.key])


@pytest.mark.parametrize("wrong", Wrong)
@pytest.mark.parametrize(("name", "place"), PLACES)
def test_whatever_goes_wrong_at_any_write_it_ends_booked_once_and_whole_or_not_at_all(
    name: str, place: int, wrong: Wrong
) -> None:
    shelf = shelf_with_invoices()
    shelf.wrong = {place: wrong}
    books, asked = ShelfBooks(shelf), RECIPES[name]()
    what = sent(books, asked)
    assert what != "posted" or is_found(books, asked)
    assert what != "rejected" or books.live()["k"] == 0
    if what == "unknown" and not is_found(books, asked):
        assert sent(ShelfBooks(shelf), asked) == "posted"
    if what != "rejected":
        assert is_found(books, asked)
        assert books.live()["k"] == WHOLE[name]


@given(st.lists(st.sampled_from([None, *Wrong]), max_size=12), st.sampled_from(sorted(RECIPES)))
def test_however_often_it_goes_wrong_it_is_never_booked_twice(faults: list[Wrong | None], name: str) -> None:
    shelf = shelf_with_invoices()
    shelf.wrong = {place: wrong for place, wrong in enumerate(faults, 1) if wrong}
    asked = RECIPES[name]()
    for _ in range(len(faults) + 2):
        books = ShelfBooks(shelf)
        if is_found(books, asked):
            break
        what = sent(books, asked)
        assert books.live()["k"] <= WHOLE[name]
        assert what != "rejected" or books.live()["k"] == 0
    assert is_found(ShelfBooks(shelf), asked)
    assert ShelfBooks(shelf).live()["k"] == WHOLE[name]
    assert shelf.left("R1") == {"one write": 100, "made, then applied": 40, "a part for each of two": 0}[name]


SOMETIMES = (None, Wrong.KILLED, Wrong.LOST_ANSWER, Wrong.LOST_CALL)


@pytest.mark.parametrize(("wrong", "undo_wrong"), list(product(SOMETIMES, repeat=2)))
def test_an_undo_is_gone_on_with_where_it_was_left(wrong: Wrong | None, undo_wrong: Wrong | None) -> None:
    shelf = shelf_with_invoices()
    asked = RECIPES["made, then applied"]()
    [booked] = carrying.post(ShelfBooks(shelf), [asked])
    assert isinstance(booked, Posted)
    undo = Posting(key="u", record=asked.record, action=Action.VOID, reference=booked.ledger_id, customer="C1",
                   booked=booked)  # fmt: skip
    shelf.writes, shelf.wrong = 0, {place: each for place, each in ((1, wrong), (3, undo_wrong)) if each}
    for _ in range(4):
        try:
            [outcome] = undoing.undo(ShelfBooks(shelf), [undo])
        except Killed:
            continue
        if isinstance(outcome, Posted):
            break
        assert isinstance(outcome, Unknown)
    assert undoing.undone(ShelfBooks(shelf), [undo]).keys() == {"u"}
    assert shelf.left("R1") == HUNDRED


def test_what_is_applied_later_is_a_state_and_two_of_a_batch_share_what_is_open() -> None:
    shelf = shelf_with_invoices()
    books = ShelfBooks(shelf)
    credits_ = [posting(key, document(CreditNote, Decimal(70))) for key in ("a", "b")]
    answers = list(carrying.post(books, credits_))
    later = [
        Posting(key=f"{each.key}-later", record=each.record, action=Action.APPLY, reference=there.ledger_id,
                customer="C1", booked=there, applied=(Applied(ledger_id="R1", amount=Decimal(70)),))
        for each, there in zip(credits_, answers, strict=True) if isinstance(there, Posted)
    ]  # fmt: skip
    assert applying.applied(books, later) == {}
    outcomes = list(applying.apply(books, later))
    assert [isinstance(each, Posted) and each.replayed for each in outcomes] == [False, False]
    assert shelf.left("R1") == 0
    again = list(applying.apply(books, later))
    assert all(isinstance(each, Posted) and each.replayed for each in again)


def test_a_credit_of_more_than_its_invoice_leaves_nothing() -> None:
    shelf = shelf_with_invoices()
    books = ShelfBooks(shelf)
    [outcome] = carrying.post(books, [posting("k", document(CreditNote, Decimal(101)), ("R1", Decimal(101)))])
    assert isinstance(outcome, Rejected)
    assert outcome.problem.code == "credit_over_total"
    assert books.live()["k"] == 0


def test_what_goes_to_one_document_goes_one_after_the_other_and_looks_before() -> None:
    """Three credits of one batch on one invoice, and a person's that comes between: each takes what is open then."""
    shelf = shelf_with_invoices()
    books = ShelfBooks(shelf)
    credits_ = [posting(key, document(CreditNote, Decimal(45)), ("R1", Decimal(45))) for key in ("a", "b", "c")]
    other = posting("o", document(CreditNote, HUNDRED), ("R2", HUNDRED))
    outcomes = list(carrying.post(books, [*credits_, other]))
    assert all(isinstance(each, Posted) for each in outcomes)
    assert [row["applied"] for row in shelf.rows.values() if row["key"] in "abc"] == [
        {"R1": 45},
        {"R1": 45},
        {"R1": 10},
    ]
    assert (shelf.left("R1"), shelf.left("R2")) == (0, 0)


def test_one_that_is_refused_since_somebody_was_faster_takes_what_is_left() -> None:
    shelf = shelf_with_invoices()
    books = ShelfBooks(shelf)
    more, once = books._more, []

    def late(asked: Posting, sight: Sight) -> Sequence[Write] | Problem:
        writes = more(asked, sight)
        if not once:
            once.append(True)
            shelf.rows["R9"] = {"id": "R9", "key": "hand", "kind": Kind.CREDIT_NOTE, "void": False, "total": HUNDRED,
                                "customer": "C1", "applied": {"R1": Decimal(80)}}  # fmt: skip
        return writes

    books._more = late  # type: ignore[method-assign]
    [outcome] = carrying.post(books, [posting("k", document(CreditNote, Decimal(60)), ("R1", Decimal(60)))])
    assert isinstance(outcome, Posted)
    assert shelf.left("R1") == 0


AWAY = CannotRun(Problem(code="ledger_unreachable", params={"ledger": "Shelf"}))


def answers(books: ShelfBooks, *asked: Posting) -> tuple[dict[str, Outcome], CannotRun | None]:
    """The outcomes that there are, and what ended them."""
    told: dict[str, Outcome] = {}
    try:
        for outcome in carrying.post(books, asked):
            told[outcome.key] = outcome
    except CannotRun as why:
        return told, why
    return told, None


def test_where_a_look_between_two_writes_fails_what_is_booked_is_told_and_what_is_begun_is_unknown() -> None:
    """Nothing of what the first request booked is lost because the ledger cannot be asked before the second."""
    shelf = shelf_with_invoices()
    books, by_ids = ShelfBooks(shelf), ShelfBooks(shelf).by_ids

    def away(kind: Kind, references: Iterable[str]) -> Iterator[Body]:
        if shelf.writes:
            raise AWAY
        return by_ids(kind, references)

    books.by_ids = away  # type: ignore[method-assign]
    invoice, credit = RECIPES["one write"](), posting("c", document(CreditNote), ("R1", Decimal(60)))
    told, ended = answers(books, invoice, credit)
    assert ended is AWAY
    assert {key: type(outcome) for key, outcome in told.items()} == {"k": Posted, "c": Unknown}
    assert sent(ShelfBooks(shelf), credit) == "posted"
    assert (books.live()["c"], shelf.left("R1")) == (1, 40)


def test_what_an_earlier_sync_left_by_half_is_no_less_there_when_nothing_can_be_sent() -> None:
    """It is unknown, and not held back: what is held back counts as certainly not booked."""
    shelf = shelf_with_invoices()
    shelf.wrong = {2: Wrong.STOPPED, 3: Wrong.STOPPED}
    asked = RECIPES["made, then applied"]()
    for _ in range(2):
        told, ended = answers(ShelfBooks(shelf), asked)
        assert ended
        assert isinstance(told["k"], Unknown)
    assert sent(ShelfBooks(shelf), asked) == "posted"
    assert (ShelfBooks(shelf).live()["k"], shelf.left("R1")) == (1, 40)


def test_a_number_that_is_taken_while_nobody_can_be_asked_by_whom_is_unknown() -> None:
    """It may be ours, of a write whose answer was lost: a refusal that is believed would leave it there."""
    shelf = shelf_with_invoices()
    books = ShelfBooks(shelf)
    first, second = posting("a", document(Invoice)), posting("b", document(Invoice))

    def carry_out(writes: Sequence[Write]) -> Sequence[Answer]:
        taken = Refusal(Problem(code="number_taken", params={"number": "d"}))
        return [shelf.carry_out(write) if write.posting is first else taken for write in writes]

    def away(*_: object) -> Iterator[Body]:
        raise AWAY

    books.carry_out, books.by_days = carry_out, away  # type: ignore[method-assign]
    told, ended = answers(books, first, second)
    assert ended is AWAY
    assert {key: type(outcome) for key, outcome in told.items()} == {"a": Posted, "b": Unknown}


def test_what_was_taken_back_is_made_anew_as_another() -> None:
    """A service that remembers requests for a while would answer with what is gone."""
    shelf = shelf_with_invoices()
    shelf.wrong = {2: Wrong.REFUSED}
    books, asked = ShelfBooks(shelf), RECIPES["made, then applied"]()
    assert sent(books, asked) == "rejected"
    seen = sights.sights(books, [asked], {}, None)[asked.key]
    assert seen.gone == 0
    assert sent(books, asked) == "posted"
    assert [row["void"] for row in shelf.rows.values() if row["key"] == "k"] == [True, False]


def test_a_kind_is_paid_by_what_its_record_says() -> None:
    assert sights.paid_kind(posting("k", PAYMENT)) is Kind.INVOICE
