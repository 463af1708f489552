"""Faults in the words of QuickBooks Online: what a client of it meets on a bad day."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from connectors.ledgers.quickbooks_online.sandbox import Sandbox
from tests.connectors.ledgers.quickbooks_sandbox_talk import Talk, read, sales_form


@pytest.fixture
def talk() -> Iterator[Talk]:
    with Sandbox() as sandbox:
        yield Talk(sandbox)


def switch(talk: Talk, **fault: object) -> None:
    assert requests.post(f"{talk.sandbox.url}/_sandbox/faults", json=fault, timeout=10).status_code == 200


@pytest.mark.parametrize(
    ("status", "type_", "code"),
    [
        (200, "ValidationFault", "6000"),
        (401, "AUTHENTICATION", "3200"),
        (429, "SERVICE", "3001"),
        (500, "SystemFault", "10000"),
        (503, "SystemFault", "10000"),
    ],
)
def test_refusals_speak_the_vendors_words(talk: Talk, status: int, type_: str, code: str) -> None:
    """A Fault may come with 200; a 401 spells its keys in lower case."""
    switch(talk, kind="refuse", path="/customer", status=status)
    answer = talk.send("customer", {"DisplayName": "Amy"})
    assert answer.status_code == status
    body = answer.json()
    fault = body.get("Fault") or body["fault"]
    [error] = fault.get("Error") or fault["error"]
    assert (fault["type"], error["code"]) == (type_, code)
    assert talk.query("select count(*) from Customer") == {"totalCount": 0}


def test_answer_lost_after_the_commit_is_replayed_by_its_request_id(talk: Talk) -> None:
    amy = talk.customer()
    switch(talk, kind="drop_after", path="/invoice")
    with pytest.raises(requests.ConnectionError):
        talk.send("invoice", sales_form(amy, DocNumber="F-1"), requestid="r-1")
    assert talk.send("invoice", sales_form(amy, DocNumber="F-1"), requestid="r-1").status_code == 200
    assert talk.query("select count(*) from Invoice") == {"totalCount": 1}


def test_delivered_twice_books_twice_without_a_request_id_and_once_with_it(talk: Talk) -> None:
    amy = talk.customer()
    for times, query in ((2, {}), (3, {"requestid": "r-1"})):
        switch(talk, kind="duplicate", path="/invoice")
        assert talk.send("invoice", sales_form(amy), **query).status_code == 200
        assert talk.query("select count(*) from Invoice") == {"totalCount": times}


def test_some_items_of_a_batch_fail(talk: Talk) -> None:
    switch(talk, kind="items", path="/batch", items=[0, 2])
    items = [{"bId": str(n), "operation": "create", "Customer": {"DisplayName": f"M{n}"}} for n in range(4)]
    told = {
        item["bId"]: "Fault" in item
        for item in read(talk.send("batch", {"BatchItemRequest": items}))["BatchItemResponse"]
    }
    assert told == {"0": True, "1": False, "2": True, "3": False}
    assert talk.query("select count(*) from Customer") == {"totalCount": 2}


def test_access_token_dies_in_the_middle(talk: Talk) -> None:
    switch(talk, kind="refuse", status=401, nth=3, path="/customer")
    assert [talk.send("customer", {"DisplayName": f"M{n}"}).status_code for n in range(4)] == [200, 200, 401, 200]
