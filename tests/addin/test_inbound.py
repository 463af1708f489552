"""What a ledger tells is asked about exactly while its value is neither ours nor decided (two-way, Novi AMS)."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addin.journal import Journal, Seen, State, Transfer
from addin.journal.inbound import Decision
from addin.journal.rows import digest_of, payload_of
from addin.sync.inbound import known, news, understood
from connectors.changes import differences
from connectors.ledger import Change, Posting
from connectors.records import Customer, Invoice, InvoiceLine, Kind, SyncStatus, What
from tests.sampled import examples

OURS = Customer(key="A1", number="1001", name="Chorale", email="nous@example.org")
START = datetime(2026, 1, 31, 12, tzinfo=UTC)
VALUES = ("nous@example.org", "une@example.org", "deux@example.org", "")


def journal_with(path, record, ledger_id):
    """A journal that knows of one record, which was transferred."""
    journal = Journal.at(path)
    journal.see([seen_of(record)])
    sent = Transfer(kind=record.kind, record=record.key, number=record.number, generation=1, key=f"psl-{record.key}",
                    action="create", digest=digest_of(record), state=State.INTENT)  # fmt: skip
    journal.write([sent])
    journal.write([replace(sent, state=State.POSTED, ledger_id=ledger_id)])
    return journal


def seen_of(record):
    """A record as it was pulled."""
    return Seen(kind=record.kind, key=record.key, number=record.number, payload=payload_of(record),
                digest=digest_of(record), status=SyncStatus.COMPLETED)  # fmt: skip


def an_invoice(key):
    line = InvoiceLine(key="1", number=1, description="Cotisation", amount=Decimal(100))
    return Invoice(key=key, number=f"F-{key[1:]}", date=START.date(), customer="A1", currency="CAD", lines=(line,),
                   subtotal=Decimal(100), tax=Decimal(0), total=Decimal(100))  # fmt: skip


def told(email, minute):
    return Change(
        what=What.CHANGED,
        kind=Kind.CUSTOMER,
        ledger_id="7",
        when=START + timedelta(minutes=minute),
        record=replace(OURS, key="7", email=email),
        told=frozenset({"name", "email"}),
    )


def listen(journal, change):
    heard = news([change], known(journal, [change], {}))
    journal.hear(heard.asked, heard.heard, heard.gone)


def waiting(journal):
    return {p.field: p.theirs["email"] for p in journal.proposals().values() if p.decision is Decision.WAITING}


STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(("ledger", "source")), st.sampled_from(VALUES)),
        st.sampled_from((("again", ""), ("decide", Decision.TAKEN), ("decide", Decision.IGNORED))),
    ),
    max_size=8,
)


@settings(max_examples=examples(60))
@given(STEPS)
def test_a_value_waits_from_when_it_differs_until_it_is_decided_or_is_ours_again(tmp_path_factory, steps):
    """What changes in the source alone is for the next Sync, and is no proposal."""
    journal = journal_with(tmp_path_factory.mktemp("journal") / "journal.sqlite", OURS, "7")
    listen(journal, told(OURS.email, 0))
    ours, last, expected = OURS.email, OURS.email, None
    for minute, (step, value) in enumerate(steps):
        if step == "decide":
            open_ = [p for p in journal.proposals().values() if p.decision is Decision.WAITING]
            journal.hear([replace(proposal, decision=value) for proposal in open_])
            expected = None
        elif step == "source":
            ours = value
            journal.see([seen_of(replace(OURS, email=ours))])
        else:
            if step == "ledger" and value != last:
                last = expected = value
            listen(journal, told(last, minute))
            expected = None if expected == ours else expected
        assert waiting(journal) == ({} if expected is None else {"email": expected})
    journal.close()


def test_what_was_made_and_taken_out_before_anybody_decided_is_asked_no_more(tmp_path):
    journal = journal_with(tmp_path / "journal.sqlite", OURS, "7")
    made = replace(told("x@example.org", 0), what=What.CREATED, ledger_id="8")
    listen(journal, made)
    assert [proposal.what for proposal in journal.proposals().values()] == [What.CREATED]
    listen(journal, replace(made, what=What.DELETED, record=None, told=frozenset()))
    assert journal.proposals() == {}


def test_a_document_that_was_taken_out_twice_is_shown_twice(tmp_path):
    journal = journal_with(tmp_path / "journal.sqlite", an_invoice("I1"), "Invoice:9")
    gone = Change(what=What.VOIDED, kind=Kind.INVOICE, ledger_id="Invoice:9", when=START)
    listen(journal, gone)
    [proposal] = journal.proposals().values()
    assert (proposal.what, proposal.record, proposal.number) == (What.VOIDED, "I1", "F-1")
    journal.hear([replace(proposal, decision=Decision.TAKEN)])
    listen(journal, gone)
    assert [p.decision for p in journal.proposals().values()] == [Decision.TAKEN]
    listen(journal, replace(gone, when=START + timedelta(days=1)))
    assert [p.decision for p in journal.proposals().values()] == [Decision.WAITING]


@pytest.mark.parametrize(
    ("now", "what", "into"),
    [(("8", "8"), What.MERGED, "8"), (("8", "9"), What.DELETED, ""), (("7", "7"), What.DELETED, "")],
    ids=["all moved to one", "moved to two", "none moved"],
)
def test_a_customer_that_is_gone_was_merged_where_its_documents_are_all_one_others(tmp_path, now, what, into):
    """Documents that two customers share were moved by hand: which of them it became, if any, nobody can say."""
    journal = journal_with(tmp_path / "journal.sqlite", OURS, "7")
    gone = Change(what=What.DELETED, kind=Kind.CUSTOMER, ledger_id="7", when=START)
    moved = []
    for key, customer in zip(("I1", "I2"), now, strict=True):
        invoice = an_invoice(key)
        journal.see([seen_of(invoice)])
        sent = Transfer(kind=Kind.INVOICE, record=key, number=invoice.number, generation=1, key=f"psl-{key}",
                        action="create", digest=digest_of(invoice), state=State.INTENT)  # fmt: skip
        journal.write([sent])
        journal.write([replace(sent, state=State.POSTED, ledger_id=f"Invoice:{key}")])
        there = replace(invoice, key=f"Invoice:{key}", customer=customer)
        moved.append(Change(what=What.CHANGED, kind=Kind.INVOICE, ledger_id=there.key, when=START, record=there,
                            told=frozenset({"customer"})))  # fmt: skip
    changes = [gone, *moved]
    [told_of] = [each for each in understood(changes, known(journal, changes, {})) if each.kind is Kind.CUSTOMER]
    assert (told_of.what, told_of.merged_into) == (what, into)


def test_what_bears_the_key_of_an_answer_still_awaited_is_left_to_the_look_up_and_a_copy_is_a_persons(tmp_path):
    journal = journal_with(tmp_path / "journal.sqlite", OURS, "7")
    awaited = Transfer(kind=Kind.CUSTOMER, record="A2", number="", generation=1, key="psl-A2", action="create",
                       digest="", state=State.INTENT)  # fmt: skip
    journal.write([awaited])
    for ledger_id, key in (("8", "psl-A2"), ("9", "psl-A1")):
        listen(journal, replace(told("x@example.org", 0), what=What.CREATED, ledger_id=ledger_id, key=key))
    assert [proposal.ledger_id for proposal in journal.proposals().values()] == ["9"]


@given(st.builds(Customer, key=st.just("A1"), name=st.text(min_size=1), email=st.text(), notes=st.text()))
def test_a_record_does_not_differ_from_itself_nor_by_line_ends_and_blanks_at_the_ends(record):
    now = replace(record, notes=re.sub("\r\n?|\n", "\r\n", f"\n{record.notes} \r\n"))
    change = Change(what=What.CHANGED, kind=Kind.CUSTOMER, ledger_id="7", when=START, record=now,
                    told=frozenset({"name", "email", "notes"}))  # fmt: skip
    assert list(differences(Posting(key="k", record=record), change)) == []
