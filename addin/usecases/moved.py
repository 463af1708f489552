"""What moved in a record since it was marked: kept as columns and codes, said in the workbook's language when shown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from addin import texts
from addin.journal import Seen
from addin.session import Session
from addin.sync.accepted import AcceptedPayment
from addin.texts import mark
from connectors.records import Kind, Transferable
from workbook.cells import fitting
from workbook.layout import CHOICES, LINES, Table, Type, caption_of, code_of
from workbook.review import text_of
from workbook.rows import Names, shown, table_of

Moved = tuple[str, str, str]
"""A column's key, what stood there and what stands there; without a column, words of an earlier release."""

OF_ACCOUNTS = frozenset({"account", "parent", "care_of"})
"""The columns that show accounts, which are kept by their keys."""

GONE, UNREAD = mark("No longer in the source"), mark("Could not be read again")
PAID = mark("{amount} taken off the balance: the ledger's payment {number}, accepted, which the source lacks so far")


def with_differences(changed: str, old: Transferable, new: Transferable) -> str:
    """What moved up to now, and what moved between two versions of a record; its lines where no column shows it."""
    names, table = Names("en"), table_of(new.kind)
    was, now = shown(old, names)[0], shown(new, names)[0]
    moved = [
        (key, _code(table, key, text_of(was[key])), _code(table, key, text_of(now[key])))
        for key in now
        if was[key] != now[key] and table.column(key).type is not Type.LINK
    ]
    return json.dumps([*_read(changed), *(moved or [(LINES.name, "", "")])], ensure_ascii=False)


def changed_text(session: Session, seen: Seen, names: Names, payments: Iterable[AcceptedPayment]) -> str:
    """What the column Changed says of a record; ``payments`` are those that the source does not show yet."""
    gone = session.say(GONE) if seen.left_source else ""
    gone = session.say(UNREAD) if seen.unread else gone
    return fitting(", ".join(filter(None, (gone, *_said(session, seen, names), *_paid(session, seen, payments)))))


def _paid(session: Session, seen: Seen, payments: Iterable[AcceptedPayment]) -> Iterator[str]:
    """The ledger's payments of it that were accepted."""
    for each in payments:
        if (Kind.INVOICE, each.invoice) == seen.id:
            number, amount = each.number or each.ledger_id, texts.amount(session.language, each.amount)
            yield session.say(PAID, number=number, amount=amount)


def _said(session: Session, seen: Seen, names: Names) -> Iterator[str]:
    table = table_of(seen.kind)
    for key, was, now in _read(seen.changed):
        if key == LINES.name:
            yield LINES.caption.of(session.language)
        elif key not in table:
            yield now
        else:
            caption = table.column(key).caption.of(session.language)
            yield f"{caption}: {_shown(table, key, was, names)} → {_shown(table, key, now, names)}"


def _shown(table: Table, key: str, value: str, names: Names) -> str:
    choices = table.column(key).choices
    if choices in CHOICES and value:
        return caption_of(choices, value, names.language)
    return names.account(value) if key in OF_ACCOUNTS else value


def _code(table: Table, key: str, value: str) -> str:
    choices = table.column(key).choices
    return (code_of(choices, value) if choices in CHOICES else None) or value


def _read(changed: str) -> list[Moved]:
    try:
        return [(key, was, now) for key, was, now in json.loads(changed)]
    except ValueError:
        return [("", "", changed)] if changed else []
