"""Preview: what the next Sync would do, by step and by ledger account; and the question before it does."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from addin.session import Session, placed
from addin.sync import deliver
from addin.sync.case import Case
from addin.sync.effects import Effect, effect
from addin.sync.plan import Plan, Planned, plan
from addin.sync.postings import OF_BOOKED
from addin.texts import amount, fix, mark, what
from addin.usecases.check import amounts, leaving, looked_up, moving, skipped
from addin.usecases.report import Report
from addin.usecases.totals import CAPTIONS, by_direction, signed, totals
from connectors.double_entry import legs
from connectors.ledger import Posting
from connectors.problems import Problem
from connectors.records import ZERO, Customer, Kind, SyncStatus, Transferable
from workbook.layout import PREVIEW_ACCOUNTS, PREVIEW_REMARKS, PREVIEW_STEPS, caption_of
from workbook.rows import Cells

WAITING = (SyncStatus.STAND_BY, SyncStatus.IN_REVIEW, SyncStatus.ERROR, SyncStatus.DO_NOT_SYNC)
"""The statuses of what does not leave, in the order in which they are shown."""

LEFT = mark("Not transferred: {status}")
SUM = mark("All accounts")
ASKED = mark("Transfer this to {books_of} now?")
LINE = mark("{kind}: {count}")
LINE_WITH_AMOUNT = mark("{kind}: {count} · {amount}")


def preview(session: Session) -> Report:
    """What Sync would do: documents, debits and credits by account, control totals, what is skipped."""
    case, standing = session.case()
    return _report(session, case, plan(case, standing))


def show_preview(session: Session) -> Report:
    """Show it on the Preview sheet, once the ledger was asked where the settings allow it. Raises ``CannotRun``."""
    case, standing = looked_up(session)
    planned = plan(case, standing)
    rows = [*_steps(session, planned), *_left(session, case), *_by_direction(session, case, planned)]
    session.book.replace(PREVIEW_STEPS, rows)
    session.book.replace(PREVIEW_ACCOUNTS, list(_accounts(session, case, planned)))
    session.book.replace(PREVIEW_REMARKS, list(_remarks(session, case, planned)))
    session.book.save()
    return _report(session, case, planned)


def question(session: Session, planned: Plan, books_of: str) -> str:
    """What the person is asked before it leaves: how many of each kind and currency, and what they come to.

    Empty where nothing leaves.
    """
    lines = counted(session, _going(planned))
    return "\n".join([session.say(ASKED, books_of=books_of), *lines]) if lines else ""


def counted(session: Session, records: Iterable[tuple[Transferable, bool]]) -> list[str]:
    """Records, each with whether it moves an amount, as a line for each kind and currency: how many, and their sum."""
    return [_line(session, sum_) for sum_ in _sums_of(records)]


def by_account(case: Case, planned: Plan) -> list[dict[str, str]]:
    """Debits and credits by ledger account and currency that a plan comes to; those of each currency balance."""
    sums: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for record in moving(planned):
        for leg in legs(Posting(key="", record=record), case.lists):
            sums[leg.account, record.currency][leg.amount < 0] += abs(leg.amount)
    names = {tax.code: tax.name for tax in case.lists.tax_codes} | {a.code: a.name for a in case.lists.accounts}
    return [
        {
            "account": account,
            "name": names.get(account, ""),
            "currency": currency,
            "debit": str(debit),
            "credit": str(credit),
        }
        for (account, currency), (debit, credit) in sorted(sums.items())
    ]


def _report(session: Session, case: Case, planned: Plan) -> Report:
    still = deliver.unsolved(deliver.answers(case, planned.problems, session.run.id), planned.problems)
    sums, beside = amounts(case, moving(planned))
    return Report(
        run=session.run.id,
        counts={**leaving(planned), **skipped(case)},
        totals=sums,
        problems=tuple(placed((*planned.problems, *still), case.review)),
        facts={"accounts": by_account(case, planned), **beside},
    )


@dataclass(frozen=True, slots=True)
class _Sum:
    """How many records of a kind in a currency, and what those that move an amount come to; ``None`` where none does.

    Accounts have no currency.
    """

    kind: Kind
    currency: str
    count: int
    amount: Decimal | None


def _line(session: Session, sum_: _Sum) -> str:
    named = caption_of("kind", sum_.kind, session.language)
    if sum_.amount is None:
        return session.say(LINE, kind=named, count=sum_.count)
    shown = f"{amount(session.language, sum_.amount)} {sum_.currency}"
    return session.say(LINE_WITH_AMOUNT, kind=named, count=sum_.count, amount=shown)


def _going(planned: Iterable[Planned]) -> list[tuple[Transferable, bool]]:
    """The records of a plan, each with whether it moves an amount."""
    return [(each.record, each.action not in OF_BOOKED) for each in planned]


def _steps(session: Session, planned: Plan) -> Iterator[Cells]:
    """A row for each step, kind and currency; what moves no amount has none."""
    for name, levels in planned.steps:
        yield from _summed(session, session.say(name), _going(each for level in levels for each in level))


def _left(session: Session, case: Case) -> Iterator[Cells]:
    """What waits for the accountant or is never to be transferred, by status; accounts apart, as in the counts."""
    for status in WAITING:
        keys = [key for key, its in case.statuses.items() if its is status and key[0] is not Kind.CUSTOMER]
        case.seen.fetch(keys)
        said = session.say(LEFT, status=caption_of("status", status, session.language))
        yield from _summed(session, said, [(case.records[key], True) for key in keys])


def _summed(session: Session, step: str, records: Iterable[tuple[Transferable, bool]]) -> Iterator[Cells]:
    for sum_ in _sums_of(records):
        yield {
            "step": step,
            "kind": caption_of("kind", sum_.kind, session.language),
            "count": Decimal(sum_.count),
            "amount": sum_.amount,
            "currency": sum_.currency,
        }


def _sums_of(records: Iterable[tuple[Transferable, bool]]) -> Iterator[_Sum]:
    """Records with whether they move an amount, summed by kind and currency in the order of the kinds."""
    counts: Counter[tuple[Kind, str]] = Counter()
    sums: dict[tuple[Kind, str], Decimal] = {}
    for record, moves in records:
        place = record.kind, "" if isinstance(record, Customer) else record.currency
        counts[place] += 1
        if moves and not isinstance(record, Customer):
            sums[place] = sums.get(place, ZERO) + signed(record)
    for kind, currency in sorted(counts, key=lambda place: (list(Kind).index(place[0]), place[1])):
        yield _Sum(kind, currency, counts[kind, currency], sums.get((kind, currency)))


def _by_direction(session: Session, case: Case, planned: Plan) -> Iterator[Cells]:
    """The control totals by direction, in the books' own currency."""
    home = case.lists.home_currency
    for direction, total in by_direction(totals(moving(planned), home)).items():
        yield {"step": session.say(CAPTIONS[direction]), "amount": total, "currency": home}


def _accounts(session: Session, case: Case, planned: Plan) -> Iterator[Cells]:
    """The debits and credits, and below them what those of each currency come to."""
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for row in by_account(case, planned):
        debit, credit = Decimal(row["debit"]), Decimal(row["credit"])
        sums[row["currency"]][0] += debit
        sums[row["currency"]][1] += credit
        yield {**row, "debit": debit or None, "credit": credit or None}
    for currency, (debit, credit) in sorted(sums.items()):
        yield {"account": session.say(SUM), "debit": debit, "credit": credit, "currency": currency}


def _remarks(session: Session, case: Case, planned: Plan) -> Iterator[Cells]:
    """Every problem of what is to leave: what holds it back, or what is to be known of what leaves all the same."""
    going = {each.id for each in planned}
    for problem in sorted(planned.problems, key=lambda each: effect(each) is Effect.NOTICE):
        if problem.kind and (key := (problem.kind, problem.key)) in case.seen:
            yield _remark(session, case, case.records[key], problem, key in going)


def _remark(session: Session, case: Case, record: Transferable, problem: Problem, leaves: bool) -> Cells:
    names = session.names({})
    party = record if isinstance(record, Customer) else case.customers.get(getattr(record, "customer", ""))
    return {
        "leaves": names.yes_no(leaves),
        "kind": names.choice("kind", record.kind),
        "number": record.number or record.key,
        "account": party.name if party else "",
        "amount": None if isinstance(record, Customer) else signed(record),
        "currency": "" if isinstance(record, Customer) else record.currency,
        "reason": what(session.language, problem),
        "fix": fix(session.language, problem),
    }
