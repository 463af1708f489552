"""Under the published limits without a 429, several batches at once, and no more requests than it takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from math import ceil
from pathlib import Path
from threading import Lock

import pytest

from addin.usecases.sync import sync
from connectors.ledgers.quickbooks_online.connector import QuickBooksOnlineLedger
from connectors.ledgers.quickbooks_online.sandbox import LIMITS as ENFORCED
from connectors.ledgers.quickbooks_online.sandbox.signin import TOKEN
from connectors.ledgers.quickbooks_online.service import BATCH, LIMITS
from connectors.pace import Limit
from connectors.records import Kind
from connectors.sandboxes.faults import Answer
from connectors.sandboxes.server import Request, StandIn
from tests.connectors.ledgers.quickbooks_harness import quickbooks
from tests.connectors.ledgers.quickbooks_many import Many
from workbook.file.file_book import FileBook

SEED = 20261121
SCALE = 0.02
"""A minute of both sides lasts 1.2 s here."""
LISTS = 11
"""Company, preferences, accounts, items, tax codes and rates, terms, methods, classes; customers and vendors."""


@dataclass
class Witness:
    """Stands before the stand-in and remembers every request: its last word, and the status it was answered with."""

    inner: StandIn
    seen: list[tuple[str, int]] = field(default_factory=list)
    under_way: int = 0
    most: int = 0
    lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.clock, self.refusal = self.inner.clock, self.inner.refusal

    def answer(self, request: Request) -> Answer:
        word = request.path.rpartition("/")[2]
        with self.lock:
            self.under_way += word == BATCH
            self.most = max(self.most, self.under_way)
        answer = self.inner.answer(request)
        with self.lock:
            self.under_way -= word == BATCH
            self.seen.append((word, answer.status))
        return answer

    def counted(self) -> Counter[str]:
        return Counter(word for word, _ in self.seen)


def association(
    folder: Path, patch: pytest.MonkeyPatch, scale: float | None, **size: int
) -> Iterator[tuple[Many, Witness]]:
    patch.setenv("PASSERELLE_HOME", str(folder / "home"))
    patch.setenv("PASSERELLE_LANGUAGE", "en")
    paced = [Limit(limit.calls, limit.seconds * scale, limit.lane) for limit in LIMITS] if scale else []
    patch.setattr(QuickBooksOnlineLedger, "limits", paced)
    with quickbooks(folder, patch, limits=scale) as harness:
        many = Many(folder, harness, seed=SEED, **size)
        many.set_up()
        harness.sandbox.stand_in = witness = Witness(harness.sandbox.stand_in)
        yield many, witness


@pytest.fixture
def paced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Many, Witness]]:
    """Batches of two, so that there are many of them."""
    small = replace(QuickBooksOnlineLedger.capabilities, batch_size=2)
    monkeypatch.setattr(QuickBooksOnlineLedger, "capabilities", small)
    yield from association(tmp_path, monkeypatch, SCALE, invoices=170, customers=20, payments=60)


@pytest.fixture
def unpaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Many, Witness]]:
    yield from association(tmp_path, monkeypatch, None, invoices=300, customers=100)


def test_we_declare_what_the_vendor_publishes_and_the_stand_in_enforces() -> None:
    """Limits and throttles: 500 a minute and 10 a second for a company, 40 batches a minute."""
    assert set(QuickBooksOnlineLedger.limits) == {Limit(500, 60), Limit(10, 1), Limit(40, 60, BATCH)}
    assert {(limit.calls, limit.seconds, bool(limit.lane)) for limit in LIMITS} == {
        (limit.most, limit.seconds, limit.batches) for limit in ENFORCED
    }


def test_at_the_published_limits_nothing_is_throttled_and_the_order_of_an_account_is_kept(
    paced: tuple[Many, Witness],
) -> None:
    many, witness = paced
    report = many.run(sync)
    assert Counter(status for _, status in witness.seen) == {200: len(witness.seen)}
    assert witness.counted()[BATCH] >= 2 * 40  # so that the limit of batches was met, and waited for
    assert report.counts["posted"] == {Kind.CUSTOMER: 20, Kind.INVOICE: 170, Kind.PAYMENT: 60}
    assert report.counts["unknown"] == {}
    booked = sorted(many.harness.query("Payment"), key=lambda payment: int(payment["Id"]))
    for customer in {payment["CustomerRef"]["value"] for payment in booked}:
        numbers = [p["PaymentRefNum"] for p in booked if p["CustomerRef"]["value"] == customer]
        assert numbers == sorted(numbers)


def test_a_sync_of_300_invoices_of_100_customers_takes_59_requests(unpaced: tuple[Many, Witness]) -> None:
    """The lists once; of each batch of 30 the look-up of our keys (one ``IN``), of what is like it (two), then it."""
    many, witness = unpaced
    report = many.run(sync)
    batches = ceil(100 / 30) + ceil(300 / 30)
    assert report.counts["posted"] == {Kind.CUSTOMER: 100, Kind.INVOICE: 300}
    looked_for = 2 * ceil(300 / 30)  # before each batch of invoices: their numbers, and their customers' days
    assert witness.counted() == {"query": LISTS + batches + looked_for, BATCH: batches}
    witness.seen.clear()
    assert many.run(sync).counts["posted"] == {}
    assert witness.counted() == {"query": LISTS}


def test_several_batches_are_under_way_and_a_token_that_ends_meanwhile_is_renewed_once(
    unpaced: tuple[Many, Witness],
) -> None:
    many, witness = unpaced
    sandbox = many.harness.sandbox
    sandbox.latency = 0.02
    begun, ask = [0], witness.inner.answer

    def ends(request: Request) -> Answer:
        begun[0] += request.path.endswith(BATCH)
        if begun[0] == 7:
            begun[0] += 1
            sandbox.clock.advance(7200)
        return ask(request)

    witness.inner.answer = ends  # type: ignore[method-assign]
    report = many.run(sync)
    assert report.counts["posted"] == {Kind.CUSTOMER: 100, Kind.INVOICE: 300}
    assert witness.counted()[TOKEN.rpartition("/")[2]] == 1
    assert 401 in {status for _, status in witness.seen}


def test_a_429_in_the_middle_is_waited_out_as_long_as_the_vendor_says(
    unpaced: tuple[Many, Witness], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another application of the company used its share up: nothing was done, and all of it leaves later."""
    many, _ = unpaced
    shown: list[str] = []
    monkeypatch.setattr(FileBook, "progress", lambda _, text: shown.append(text))
    switch = {"kind": "refuse", "path": "/batch", "nth": 6, "times": 2, "status": 429, "headers": {"Retry-After": "2"}}
    many.harness.fault(**switch)
    report = many.run(sync)
    assert report.counts["posted"] == {Kind.CUSTOMER: 100, Kind.INVOICE: 300}
    assert report.counts["unknown"] == report.counts["rejected"] == {}
    assert len(many.harness.query("Invoice")) == 300
    assert any("limit: 2 s" in text for text in shown)
