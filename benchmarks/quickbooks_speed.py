"""How fast QuickBooks Online is filled: one invoice after the other as client libraries do, and ours.

Run ``python benchmarks/quickbooks_speed.py``. The sandbox runs in a process of its own and is spoken to over real HTTP;
every answer comes 150 ms after its request. Ours is the whole Sync of a real company: session, journal (SQLite),
look-up of keys, batches, results in the workbook.

Under the limits, time is scaled: the windows of both sides, the stand-in's and the pacer's, and the latency are all
multiplied by ``--scale``, so that a minute is short; ``--scale 1`` is real time. The share is the batches that arrived
in the first whole minutes after the first one, of the 40 a minute that the vendor publishes.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parents[1]))

from addin.sync.run import Sync
from addin.usecases.sync import sync
from connectors.http import session as http_session
from connectors.ledgers.quickbooks_online.connector import QuickBooksOnlineLedger
from connectors.ledgers.quickbooks_online.sandbox import Sandbox
from connectors.ledgers.quickbooks_online.service import LIMITS
from connectors.pace import Limit
from connectors.sandboxes.faults import Answer
from connectors.sandboxes.server import Request, StandIn
from tests.connectors.ledgers.quickbooks_harness import SECRETS, TAX, QuickBooksHarness
from tests.connectors.ledgers.quickbooks_many import DAY, Many

SEED, INVOICES, CUSTOMERS, LATENCY = 20261121, 3_000, 100, 0.150
MINUTES, PACED = 3, 3_900
"""Whole minutes under the limits, and invoices enough for a little more."""
BATCHES_A_MINUTE, OF = 40, 30


@dataclass
class Witness:
    """Remembers when each request was counted, its last word, and how it was answered."""

    inner: StandIn
    seen: list[tuple[float, str, int]]

    def __post_init__(self) -> None:
        self.clock, self.refusal = self.inner.clock, self.inner.refusal

    def answer(self, request: Request) -> Answer:
        at = time.time()
        answer = self.inner.answer(request)
        self.seen.append((at, request.path.rpartition("/")[2], int(answer.status)))
        return answer


def serve(pipe: Connection, latency: float, limits: float | None) -> None:
    """The sandbox's process: tells its address and a token, then what it saw whenever it is asked."""
    with Sandbox(latency=latency, limits=limits) as sandbox:
        sandbox.stand_in = witness = Witness(sandbox.stand_in, [])
        pipe.send((sandbox.url, sandbox.bearer()))
        while pipe.recv() == "seen":
            pipe.send(witness.seen)


@dataclass
class Far:
    """That sandbox, from here."""

    url: str
    token: str
    pipe: Connection

    def bearer(self, _: str) -> str:
        return self.token

    def seen(self) -> list[tuple[float, str, int]]:
        self.pipe.send("seen")
        return self.pipe.recv()


@contextmanager
def sandbox(latency: float, limits: float | None = None) -> Iterator[Far]:
    """One with empty books."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, latency, limits), daemon=True)
    process.start()
    try:
        yield Far(*ours.recv(), ours)
    finally:
        ours.send("end")
        process.join()


@contextmanager
def association(latency: float, limits: float | None, invoices: int, **declared: object) -> Iterator[tuple[Many, Far]]:
    """A company with that many invoices pulled, whose ledger keeps to the limits as scaled and is declared as given."""
    paced = [Limit(limit.calls, limit.seconds * limits, limit.lane) for limit in LIMITS] if limits else []
    capabilities = replace(QuickBooksOnlineLedger.capabilities, **declared)
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.dict(os.environ, {**SECRETS, "PASSERELLE_HOME": f"{folder}/home"}),
        patch.object(QuickBooksOnlineLedger, "limits", paced),
        patch.object(QuickBooksOnlineLedger, "capabilities", capabilities),
        sandbox(latency, limits) as far,
    ):
        harness = QuickBooksHarness(far, Path(folder))
        many = Many(Path(folder), harness, invoices=invoices, customers=CUSTOMERS, seed=SEED)
        many.set_up()
        yield many, far


def one_by_one(invoices: int) -> float:
    """Documents a second of python-quickbooks, saving one invoice after the other."""
    from intuitlib.client import AuthClient
    from quickbooks import QuickBooks
    from quickbooks.objects import Customer, Invoice, SalesItemLine, SalesItemLineDetail
    from quickbooks.objects.base import Ref

    environment = {**SECRETS, "OAUTHLIB_INSECURE_TRANSPORT": "1"}  # the library refuses http, even on the loopback
    with tempfile.TemporaryDirectory() as folder, patch.dict(os.environ, environment), sandbox(LATENCY) as far:
        harness = QuickBooksHarness(far, Path(folder))
        tax = next(code["Id"] for code in harness.query("TaxCode") if code["Name"] == TAX)
        discovery = f"{far.url}/.well-known/openid_sandbox_configuration/"
        auth = AuthClient("sandbox-client", "sandbox-secret", "", discovery, access_token=far.token)
        with patch.object(QuickBooks, "api_url_v3", f"{far.url}/v3"):
            client = QuickBooks(auth_client=auth, company_id=harness.realm, minorversion=75)
            customer = Customer()
            customer.DisplayName = "Membre"
            customer = customer.save(qb=client)
            started = time.perf_counter()
            for number in range(invoices):
                invoice, line = Invoice(), SalesItemLine()
                invoice.CustomerRef, invoice.DocNumber = customer.to_ref(), f"F-{number:05}"
                invoice.TxnDate, invoice.GlobalTaxCalculation = DAY.isoformat(), "TaxExcluded"
                line.Amount = 100
                line.SalesItemLineDetail = SalesItemLineDetail()
                line.SalesItemLineDetail.ItemRef, line.SalesItemLineDetail.TaxCodeRef = _ref(Ref, "1"), _ref(Ref, tax)
                invoice.Line = [line]
                invoice.save(qb=client)
            took = time.perf_counter() - started
        booked = Counter(word for _, word, status in far.seen() if status == 200)["invoice"]
        assert booked == invoices, booked
    return invoices / took


def _ref(kind: type, value: str) -> object:
    made = kind()
    made.value = value
    return made


def ours(invoices: int) -> float:
    """Documents a second of our whole Sync, the vendor's limits aside."""
    with association(LATENCY, None, invoices) as (many, far):
        started = time.perf_counter()
        report = many.run(sync)
        took = time.perf_counter() - started
        assert sum(report.counts["posted"].values()) == invoices + CUSTOMERS, report
        words = Counter(word for _, word, _ in far.seen())
        print(f"ours: {invoices} invoices and {CUSTOMERS} customers in {took:.1f} s, {words['query']} look-ups, "
              f"{words['batch']} batches")  # fmt: skip
    return (invoices + CUSTOMERS) / took


@dataclass
class Inside:
    """Seconds spent inside a function, which is called as before; and those of them that our thread computed."""

    seconds: float = 0.0
    busy: float = 0.0

    def timed(self, function: object) -> object:
        def call(*arguments: object, **named: object) -> object:
            started, computed = time.perf_counter(), time.thread_time()
            try:
                return function(*arguments, **named)
            finally:
                self.seconds += time.perf_counter() - started
                self.busy += time.thread_time() - computed

        return call


def engine(invoices: int) -> tuple[float, float]:
    """Milliseconds a document above the bare HTTP calls: engine, journal, mapping, pacing; one call at a time.

    By the clock, which other programs of the machine slow down, and computed by us alone.
    """
    calls, sending = Inside(), Inside()
    with association(0, None, invoices, concurrency=1) as (many, _):
        carry_out, attempt = Sync.carry_out, http_session.attempt

        def carried_out(self: Sync, *arguments: object) -> object:
            calls.seconds = calls.busy = 0.0
            return sending.timed(carry_out)(self, *arguments)

        with patch.object(Sync, "carry_out", carried_out), patch.object(http_session, "attempt", calls.timed(attempt)):
            report = many.run(sync)
        assert sum(report.counts["posted"].values()) == invoices + CUSTOMERS, report
    print(f"engine: {sending.seconds:.2f} s to send, {calls.seconds:.2f} s of it in HTTP calls")
    documents = (invoices + CUSTOMERS) / 1000
    return (sending.seconds - calls.seconds) / documents, (sending.busy - calls.busy) / documents


def under_limits(invoices: int, scale: float) -> tuple[float, int]:
    """The share of the published maximum in whole minutes, and how often we were told 429."""
    with association(LATENCY * scale, scale, invoices) as (many, far):
        report = many.run(sync)
        assert sum(report.counts["posted"].values()) == invoices + CUSTOMERS, report
        seen = far.seen()
    batches = sorted(at for at, word, _ in seen if word == "batch")
    end = batches[0] + MINUTES * 60 * scale
    assert batches[-1] >= end, "too few invoices to fill the minutes"
    within = sum(1 for at in batches if at < end)
    print(f"limits: {within} batches of {OF} in {MINUTES} minutes of {60 * scale:g} s, {len(seen)} requests in all, "
          f"{(batches[-1] - batches[0]) / scale / 60:.2f} minutes from the first batch to the last")  # fmt: skip
    return within / (MINUTES * BATCHES_A_MINUTE), sum(1 for *_, status in seen if status == 429)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=0.2, help="how long a minute of the limits lasts, in minutes")
    parser.add_argument("--one-by-one", type=int, default=INVOICES, help="how many invoices one by one")
    parser.add_argument("--parts", nargs="*", default=["compare", "engine", "limits"])
    chosen = parser.parse_args()
    print(f"seed {SEED}, latency {LATENCY * 1000:.0f} ms, {os.cpu_count()} cores")
    if "compare" in chosen.parts:
        theirs, mine = one_by_one(chosen.one_by_one), ours(INVOICES)
        print(f"one by one ({chosen.one_by_one} invoices, python-quickbooks): {theirs:.1f} documents a second; "
              f"ours: {mine:.1f}; ratio {mine / theirs:.1f}")  # fmt: skip
    if "engine" in chosen.parts:
        clock, computed = engine(INVOICES)
        print(f"engine: {clock:.2f} ms a document above the HTTP calls, {computed:.2f} ms of it computing")
    if "limits" in chosen.parts:
        share, throttled = under_limits(PACED, chosen.scale)
        print(f"limits: {share:.1%} of the published {BATCHES_A_MINUTE} batches a minute "
              f"({BATCHES_A_MINUTE * OF} documents), {throttled} times 429")  # fmt: skip


if __name__ == "__main__":
    main()
