"""What a network and a vendor do, on the stand-in for QuickBooks Online: each request may meet any of these."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

import pytest

from addin.journal.lease import TERM
from addin.sync import run as run_module
from addin.sync import undo as undo_module
from addin.sync.calls import Calls
from connectors.pace import CLOCK
from connectors.sandboxes.faults import Fault, FaultKind
from tests.chaos.worlds import World

FAULTS: tuple[tuple[str, Fault], ...] = (
    ("refused with 400", Fault(kind=FaultKind.REFUSE, status=400)),
    ("late answer", Fault(kind=FaultKind.DELAY, seconds=0.02)),
    ("dropped before the commit", Fault(kind=FaultKind.DROP_BEFORE)),
    ("dropped after the commit", Fault(kind=FaultKind.DROP_AFTER)),
    ("half an answer", Fault(kind=FaultKind.HALF)),
    ("truncated JSON", Fault(kind=FaultKind.TRUNCATE)),
    ("delivered twice", Fault(kind=FaultKind.DUPLICATE)),
    ("429 with Retry-After", Fault(kind=FaultKind.REFUSE, status=429, headers={"Retry-After": "3"})),
    ("429 without Retry-After", Fault(kind=FaultKind.REFUSE, status=429)),
    ("401 in the middle", Fault(kind=FaultKind.REFUSE, status=401)),
    ("500 that committed", Fault(kind=FaultKind.FAIL_AFTER, status=500)),
    ("500 before", Fault(kind=FaultKind.REFUSE, status=500)),
    ("502", Fault(kind=FaultKind.REFUSE, status=502)),
    ("503", Fault(kind=FaultKind.REFUSE, status=503)),
    ("503 with Retry-After", Fault(kind=FaultKind.REFUSE, status=503, headers={"Retry-After": "2"})),
    ("504 that committed", Fault(kind=FaultKind.FAIL_AFTER, status=504)),
    ("slow drip", Fault(kind=FaultKind.DRIP, seconds=0.002)),
    ("wrong content type", Fault(kind=FaultKind.CONTENT_TYPE)),
    ("batch that fails in part", Fault(kind=FaultKind.ITEMS, path="/batch", items=(0, 2, 3), status=500)),
)
"""What goes wrong between a client and a vendor; the stand-in does it for real."""


@contextmanager
def bad_network(world: World, chance: Random, voids: bool) -> Iterator[None]:
    """Some requests of a run meet faults, batches (or voids) rather than questions."""
    assert world.online is not None
    faults, names = world.online.sandbox.faults, []
    for name, fault in chance.sample(FAULTS, chance.randint(1, 3)):
        path = "/v3/" if chance.random() < 0.3 else "operation=" if voids else "/batch"
        changes = {"path": path, "nth": chance.randint(1, 4), "times": chance.randint(1, 6)}
        faults.add(fault.model_copy(update=changes))
        names.append(name)
    try:
        yield
    finally:
        for name, told in zip(names, faults.report(), strict=True):
            world.met[f"network: {name}"] += told["fired"]
        faults.clear()


@contextmanager
def unreachable(world: World, chance: Random) -> Iterator[None]:
    """The name is not found, or the certificate is not one: no request arrives."""
    profile = world.profile
    name = chance.choice(("no TLS there", "name not found"))
    url = profile.ledger_settings["api_url"].replace("http:", "https:")
    settings = {**profile.ledger_settings, "api_url": url if name == "no TLS there" else "https://nowhere.invalid"}
    profile.model_copy(update={"ledger_settings": settings}).save()
    world.note(f"network: {name}")
    try:
        yield
    finally:
        profile.save()


@contextmanager
def quick_waits() -> Iterator[None]:
    """Waiting takes no time: the clock goes on instead."""
    sleep, now = CLOCK.sleep, CLOCK.now
    waited = 0.0

    def skip(seconds: float) -> None:
        nonlocal waited
        waited += seconds

    answered = Calls.answered

    def at_once(calls: Calls[object], seconds: float) -> object:
        if calls.under_way:
            return answered(calls, seconds)
        skip(seconds)
        return None

    object.__setattr__(CLOCK, "sleep", skip)
    object.__setattr__(CLOCK, "now", lambda: time.time() + waited)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Calls, "answered", at_once)
            patch.setattr(run_module, "STEP", TERM / 4)
            patch.setattr(undo_module, "sleep", skip)
            yield
    finally:
        object.__setattr__(CLOCK, "sleep", sleep)
        object.__setattr__(CLOCK, "now", now)
