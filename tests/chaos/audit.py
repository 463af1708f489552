"""The books at the end of a seed are those that the independent auditor makes of the source's files, to the cent.

The auditor knows the files alone. What a person keyed in instead of us, undid or deleted is in neither's books here,
record by record; of an entry of a schedule that is so, the whole schedule is looked at no more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from decimal import Decimal

from tests.addin.conftest import TODAY
from tests.auditor.books import Auditor
from tests.auditor.entries import Chart
from tests.auditor.reports import by_party, trial_balance
from tests.auditor.source import Source
from tests.chaos.besides import SPENT
from tests.chaos.worlds import World

CHART = Chart(
    receivable="1100", payable="2100", bank="1050", fees="5300", discounts="4900", exchange="4800",
    taxes={"GST": "2310", "QST": "2320"}, methods={SPENT: "1010"},
)  # fmt: skip
"""The accounts as the accountant mapped them, by the source's codes."""

Key = tuple[str, str]
Posted = dict[Key, dict[tuple[str, str], Decimal]]
"""What each record posts, by account and party."""


def audited(world: World, touched: Collection[str]) -> None:
    """Hold what our records post against the auditor's books; ``touched`` are the keys of what a person took out.

    Raises ``AssertionError`` with what differs, record by record.
    """
    source, standing = Source.read(world.company.folder / "source"), world.documents()
    names = {row["key"]: row["name"] for row in source.rows("accounts")}
    there = {each.about for each in standing}
    absent = world.wanted().keys() - there
    auditor = Auditor(source, CHART, booked=there, absent=absent)
    aside = absent | {each.about for each in standing if each.by_hand}
    spread = _schedules_aside(source, {key for _, key in aside} | set(touched))
    entries = [each for each in auditor.entries(TODAY)
               if (each.kind, each.key) not in aside and _schedule(each.key) not in spread]  # fmt: skip
    lines = [each for each in world.books.lines() if each.about not in aside and _schedule(each.about[1]) not in spread]
    theirs = _by_record((_of(each.kind, each.key), leg.account, names.get(leg.party, ""), leg.amount)
                        for each in entries for leg in each.legs)  # fmt: skip
    told = _by_record((_of(*each.about), each.account, each.party, each.amount) for each in lines)
    differing = {key: (told.get(key), theirs.get(key)) for key in told.keys() | theirs.keys()
                 if told.get(key) != theirs.get(key)}  # fmt: skip
    assert not differing, f"posted otherwise than by the auditor: {differing}"
    assert _sums((each.account, each.amount) for each in lines) == trial_balance(entries)
    for account in (CHART.receivable, CHART.payable):
        owed = _sums((each.party, each.amount) for each in lines if each.account == account)
        assert owed == {names[party]: amount for party, amount in by_party(entries, account).items()}


def due_as_told(world: World) -> None:
    """What we booked is due when the source says so now, where it says anything: changed after its transfer, too."""
    told = {row["key"]: row["due"] for row in world.company.files["documents"] if row.get("due")}
    ours = {each.record: each.due for each in world.documents() if each.due and not each.by_hand}
    wrong = {key: (due, told[key]) for key, due in ours.items() if key in told and due != told[key]}
    assert not wrong, f"due in the ledger on another day than in the source: {wrong}"


def _schedules_aside(source: Source, keys: Collection[str]) -> set[str]:
    """The schedules of which an entry, the document, or what pays or credits it is among some records."""
    entries = {key.partition("/")[0] for key in keys}
    parts, credits_ = source.by("allocations", "invoice"), source.by("documents", "invoice")
    returns = source.by("payments", "payment")
    found: set[str] = set()
    for row in source.rows("schedules"):
        paid = {part["payment"] for part in parts[row["invoice"]]}
        others = {each["key"] for key in paid for each in returns[key]} | {
            each["key"] for each in credits_[row["invoice"]]
        }
        if {row["key"], row["invoice"], *paid, *others} & (entries | set(keys)):
            found.add(row["key"])
    return found


def _schedule(key: str) -> str:
    """The key of the schedule that an entry was made from, if it may be one."""
    return key.partition("/")[0] if "/" in key else ""


def _of(kind: str, key: str) -> Key:
    """What is compared with what: records one by one, the entries of a schedule together."""
    return (kind, _schedule(key)) if key.startswith("S") else (kind, key)


def _by_record(legs: Iterable[tuple[Key, str, str, Decimal]]) -> Posted:
    posted: defaultdict[Key, defaultdict[tuple[str, str], Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for record, account, party, amount in legs:
        posted[record][account, party] += amount
    shown = {record: {of: amount for of, amount in each.items() if amount} for record, each in posted.items()}
    return {record: each for record, each in shown.items() if each}


def _sums(named: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for name, amount in named:
        sums[name] += amount
    return {name: amount for name, amount in sums.items() if amount}
