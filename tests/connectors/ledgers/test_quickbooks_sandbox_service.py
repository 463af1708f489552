"""The service around the documents: query dialect, batch, changes, request ids, limits, headers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest

from connectors.ledgers.quickbooks_online.sandbox import Sandbox
from connectors.ledgers.quickbooks_online.sandbox.fields import FILTERABLE, TYPES
from connectors.sandboxes.clock import Clock
from tests.connectors.ledgers.quickbooks_sandbox_talk import Talk, paying, read, sales_form


@pytest.fixture
def talk() -> Iterator[Talk]:
    with Sandbox() as sandbox:
        yield Talk(sandbox)


@pytest.fixture
def members(talk: Talk) -> Talk:
    """Three customers with an invoice each; the second is inactive by name only."""
    for name, given in (("O'Brien", "Greg"), ("Élan 50%", "greta"), ("Zed", "Hugo")):
        id_ = talk.customer(name, GivenName=given)
        talk.invoice(id_, 100 * int(id_), DocNumber=f"F-{id_}", TxnDate=f"2026-0{id_}-15")
    gone = talk.customer("Gone")
    talk.post("customer", {"Id": gone, "SyncToken": "0", "sparse": True, "Active": False})
    return talk


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        (r"select * from Customer where DisplayName = 'O\'Brien'", ["1"]),
        ("SELECT * from cUstomer where displayname = 'o\\'BRIEN'", ["1"]),
        ("select * from Customer where GivenName like 'Gre%' ", ["1", "2"]),
        ("select * from Customer where DisplayName like '%50%'", ["2"]),
        ("select * from Customer where Id in ('3', '1')", ["1", "3"]),
        ("select * from Customer where Active = false", ["4"]),
        ("select * from Customer where Active in (true, false)", ["1", "2", "3", "4"]),
        ("select * from Customer", ["1", "2", "3"]),
        ("select * from Customer orderby DisplayName desc", ["2", "3", "1"]),
        ("select * from Customer order by GivenName", ["1", "2", "3"]),
        ("select * from Customer startposition 2 maxresults 1", ["2"]),
        ("select * from Customer where Balance > '100' and Balance <= '300.00'", ["2", "3"]),
        ("select * from Invoice where DocNumber = 'F-2'", ["2"]),
        ("select * from Invoice where DocNumber = 'f-2'", ["2"]),
        ("select * from Invoice where CustomerRef = '3'", ["3"]),
        ("select * from Invoice where TxnDate > '2026-01-15' and TxnDate < '2026-03-15'", ["2"]),
        ("select * from Invoice where TotalAmt >= 200 orderby TotalAmt desc", ["3", "2"]),
        ("select * from Invoice where MetaData.CreateTime > '2020-01-01T00:00:00-08:00'", ["1", "2", "3"]),
        ("select * from Invoice where Metadata.LastUpdatedTime > '2099-01-01'", []),
        ("select * from Invoice where DocNumber in ('F-1','F-9')", ["1"]),
        ("select * from Bill", []),
    ],
)
def test_queries(members: Talk, query: str, ids: list[str]) -> None:
    """The documented dialect; nothing found is a QueryResponse without the entity."""
    told = members.query(query)
    found = next((value for value in told.values() if isinstance(value, list)), None)
    assert [body["Id"] for body in found or []] == ids
    assert (found is None) == (not ids)
    if ids:
        assert told["maxResults"] == len(ids)


def test_count_and_posted_query(members: Talk) -> None:
    assert members.query("select count(*) from Invoice where TotalAmt > '100'") == {"totalCount": 2}
    headers = {"Content-Type": "application/text"}
    posted = members.session.post(f"{members.base}/query", data=b"select * from Invoice", headers=headers)
    assert len(posted.json()["QueryResponse"]["Invoice"]) == 3


@pytest.mark.parametrize(
    ("query", "code", "words"),
    [
        ("select * from Customer startposition 0", "4001", "value 0 is too small. Min allowed value is 1"),
        ("select * from Customer maxresults 1001", "4001", "1001 is too large"),
        ("select * from Nothing", "4001", "Nothing"),
        ("select * from Customer where Colour = 'red'", "4001", "Colour"),
        ("select * from Invoice where PrivateNote = 'key'", "4001", "not queryable"),
        ("select * from Customer where Id > '1'", "4001", "Id"),
        ("select * from Invoice where TotalAmt = 'much'", "4001", "much"),
        ("select Id from Customer", "4000", "Id"),
        ("select * from Customer where Id = '1' or Id = '2'", "4000", "or"),
        ("select * from Customer where DisplayName = 'O'Brien'", "4000", "Brien"),
        ("select * from Customer where DisplayName != 'A'", "4000", "!="),
        ("select * from Customer where", "4000", "EOF"),
        ("select * from Customer limit 5", "4000", "limit"),
        ("delete from Customer", "4000", "delete"),
        ("", "4000", "EOF"),
    ],
)
def test_refused_queries(talk: Talk, query: str, code: str, words: str) -> None:
    error = talk.query_fault(query)
    assert error["code"] == code
    assert words in error["Detail"]


def test_default_and_largest_page(talk: Talk) -> None:
    for start in range(0, 120, 30):
        items = [_item(str(n), {"Customer": {"DisplayName": f"M{n}"}}) for n in range(start, start + 30)]
        talk.send("batch", {"BatchItemRequest": items})
    assert talk.query("select * from Customer")["maxResults"] == 100
    assert talk.query("select * from Customer maxresults 1000")["maxResults"] == 120


def _item(bid: str, content: dict[str, Any], operation: str = "create") -> dict[str, Any]:
    return {"bId": bid, "operation": operation, **content}


def test_batch_items_are_independent(members: Talk) -> None:
    """The vendor's own sample: a duplicate name, a delete of nothing, a stale update and a query, each for itself."""
    items = [
        _item("1", {"Vendor": {"DisplayName": "Zed"}}),
        _item("2", {"Invoice": {"Id": "129", "SyncToken": "0"}}, "delete"),
        _item("3", {"Invoice": {"Id": "1", "SyncToken": "7", "sparse": True, "PrivateNote": "x"}}, "update"),
        {"bId": "4", "Query": "select * from Invoice"},
        _item("5", {"Invoice": sales_form("1", DocNumber="F-9")}),
        _item("6", {"Nothing": {}}),
        _item("7", {"Invoice": {"Id": "1", "SyncToken": "0"}}, "void"),
    ]
    answer = members.send("batch", {"BatchItemRequest": items})
    told = {item["bId"]: item for item in read(answer)["BatchItemResponse"]}
    codes = {bid: item["Fault"]["Error"][0]["code"] for bid, item in told.items() if "Fault" in item}
    assert codes == {"1": "6240", "2": "610", "3": "5010", "6": "2000", "7": "500"}
    assert told["5"]["Invoice"]["DocNumber"] == "F-9"
    assert [body["Id"] for body in told["4"]["QueryResponse"]["Invoice"]] == ["1", "2", "3"]


def test_batch_does_not_keep_the_order_of_its_items(talk: Talk) -> None:
    items = [_item(str(n), {"Customer": {"DisplayName": f"M{n}"}}) for n in range(30)]
    answers = read(talk.send("batch", {"BatchItemRequest": items}))["BatchItemResponse"]
    assert [answer["bId"] for answer in answers] != [item["bId"] for item in items]
    assert all(answer["Customer"]["DisplayName"] == f"M{answer['bId']}" for answer in answers)


def test_batch_of_31_is_refused_whole(talk: Talk) -> None:
    items = [_item(str(n), {"Customer": {"DisplayName": f"M{n}"}}) for n in range(31)]
    assert [error["code"] for error in talk.fault("batch", {"BatchItemRequest": items})] == ["1040"]
    assert talk.query("select count(*) from Customer") == {"totalCount": 0}


def test_batch_lets_duplicate_numbers_through_by_its_own_option(members: Talk) -> None:
    item = {**_item("1", {"Invoice": sales_form("1", DocNumber="F-1")}), "optionsData": "allowduplicatedocnum"}
    assert "Invoice" in read(members.send("batch", {"BatchItemRequest": [item]}))["BatchItemResponse"][0]


def test_changes_since_a_moment() -> None:
    """Changed and deleted objects; another's payment touches the invoice; 30 days back at most."""
    clock = Clock(datetime(2026, 5, 1, 12, tzinfo=UTC))
    with Sandbox(clock=clock) as sandbox:
        talk = Talk(sandbox)
        amy = talk.customer()
        paid, gone = talk.invoice(amy)["Id"], talk.invoice(amy)["Id"]
        talk.invoice(amy)
        clock.advance(3000)
        since = clock.now().isoformat()
        talk.post("payment", {"CustomerRef": {"value": amy}, "TotalAmt": 5, "Line": [paying(paid, 5)]})
        talk.post("invoice", {"Id": gone, "SyncToken": "0"}, operation="delete")
        told = talk.get("cdc", entities="Invoice,Bill,Payment", changedSince=since)["CDCResponse"][0]["QueryResponse"]
        assert [(body["Id"], body.get("status", "")) for body in told[0]["Invoice"]] == [(paid, ""), (gone, "Deleted")]
        assert told[1] == {}
        assert told[2]["totalCount"] == 1
        old = (clock.now() - timedelta(days=31)).isoformat()
        answer = talk.session.get(f"{talk.base}/cdc", params={"entities": "Invoice", "changedSince": old})
        assert answer.json()["Fault"]["Error"][0]["code"] == "2190"


def test_changes_are_cut_at_1000_objects_in_all(talk: Talk) -> None:
    for start in range(0, 1020, 30):
        items = [_item(str(n), {"Customer": {"DisplayName": f"M{n}"}}) for n in range(start, start + 30)]
        talk.send("batch", {"BatchItemRequest": items})
    since = (talk.sandbox.clock.now() - timedelta(hours=1)).isoformat()
    told = talk.get("cdc", entities="Customer,Account", changedSince=since)["CDCResponse"][0]["QueryResponse"]
    assert (told[0]["maxResults"], told[1]) == (1000, {})


def test_request_id_replays_successes_alone(talk: Talk) -> None:
    """The same id again is answered with the first answer, whatever is sent; a refusal is not remembered."""
    refused = talk.send("customer", {"DisplayName": "A:B"}, requestid="key-1")
    assert refused.status_code == 400
    first = talk.send("customer", {"DisplayName": "Amy"}, requestid="key-1")
    assert (first.status_code, talk.send("customer", {"DisplayName": "Zoe"}, requestid="key-1").content) == (
        200,
        first.content,
    )
    assert talk.query("select count(*) from Customer") == {"totalCount": 1}
    assert talk.fault("customer", {"DisplayName": "B"}, requestid="k" * 51)[0]["code"] == "2130"


def test_request_id_holds_against_simultaneous_requests(talk: Talk) -> None:
    start, answers = Barrier(8), []

    def send() -> None:
        own = Talk(talk.sandbox)
        start.wait()
        answers.append(own.post("customer", {"DisplayName": "Amy"}, requestid="race")["Id"])

    threads = [Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["1"] * 8


def test_simultaneous_writers_all_get_their_own_number(talk: Talk) -> None:
    def write(part: int) -> None:
        own = Talk(talk.sandbox)
        for number in range(10):
            own.customer(f"M{part}-{number}")

    threads = [Thread(target=write, args=(part,)) for part in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert talk.query("select count(*) from Customer") == {"totalCount": 60}
    assert sorted(int(body["Id"]) for body in talk.company.every("Customer")) == list(range(1, 61))


def test_limits_of_the_vendor() -> None:
    """10 requests a second, 40 batches and 500 requests a minute, for each realm; a 429 tells code 3001."""
    clock = Clock(datetime(2026, 5, 1, tzinfo=UTC))
    with Sandbox(clock=clock, limits=1) as sandbox:
        talk, other = Talk(sandbox), Talk(sandbox, "US")
        statuses = [talk.session.get(f"{talk.base}/companyinfo/1").status_code for _ in range(11)]
        assert statuses == [200] * 10 + [429]
        error = talk.session.get(f"{talk.base}/companyinfo/1").json()["Fault"]
        assert (error["type"], error["Error"][0]["code"]) == ("SERVICE", "3001")
        assert other.get("companyinfo/1")
        done = 0
        for _ in range(60):
            clock.advance(1)
            done += sum(talk.send("batch", {"BatchItemRequest": []}).status_code == 200 for _ in range(3))
        assert done == 40
        clock.advance(2)
        assert talk.send("batch", {"BatchItemRequest": []}).status_code == 200


def test_headers_and_formats(talk: Talk) -> None:
    answer = talk.session.get(f"{talk.base}/companyinfo/{talk.company.realm}")
    assert answer.headers["intuit_tid"]
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json()["CompanyInfo"]["Country"] == "CA"
    again = talk.session.get(f"{talk.base}/companyinfo/1")
    assert again.headers["intuit_tid"] != answer.headers["intuit_tid"]
    assert talk.session.get(f"{talk.base}/companyinfo/1", headers={"Accept": "application/xml"}).status_code == 406
    broken = talk.session.post(f"{talk.base}/customer", data=b"{", headers={"Content-Type": "application/json"})
    assert broken.json()["Fault"]["Error"][0]["code"] == "2010"
    form = talk.session.post(f"{talk.base}/customer", data={"DisplayName": "A"})
    assert form.json()["Fault"]["Error"][0]["code"] == "1050"
    nowhere = talk.session.get(f"{talk.base}/nowhere/1")
    assert nowhere.json()["Fault"]["type"] == "SystemFault"


@pytest.mark.parametrize(
    ("path", "body", "query"),
    [
        ("customer", {"Id": "1", "SyncToken": "0"}, {"operation": "delete"}),
        ("creditmemo", {"Id": "1", "SyncToken": "0"}, {"operation": "void"}),
        ("invoice", {"Id": "1", "SyncToken": "0", "sparse": True}, {"operation": "update", "include": "void"}),
        ("taxcode", {"Name": "PST"}, {}),
        ("taxrate", {"Name": "PST"}, {}),
        ("invoice", {"Id": "1", "SyncToken": "0"}, {"operation": "send"}),
    ],
)
def test_operations_that_an_entity_does_not_know(members: Talk, path: str, body: Any, query: dict[str, str]) -> None:
    assert [error["code"] for error in members.fault(path, body, **query)] == ["500"]


def test_full_update_clears_and_sparse_update_keeps(talk: Talk) -> None:
    """Without ``sparse`` every writable field that is left out is cleared; an empty one clears in a sparse update."""
    id_ = talk.customer("Amy", Notes="keep me", GivenName="Amy", Title="Dr")
    sparse = talk.post("customer", {"Id": id_, "SyncToken": "0", "sparse": True, "GivenName": "Ann", "Title": ""})
    assert (sparse["Notes"], sparse["GivenName"], sparse.get("Title"), sparse["SyncToken"]) == (
        "keep me",
        "Ann",
        None,
        "1",
    )
    full = talk.post("customer", {"Id": id_, "SyncToken": "1", "DisplayName": "Amy"})
    assert ("Notes" in full, "GivenName" in full, full["SyncToken"]) == (False, False, "2")


def test_read_only_fields_are_ignored(talk: Talk) -> None:
    """Documented for TotalAmt: any value supplied is over-written."""
    form = talk.invoice(talk.customer(), TotalAmt=7, Balance=7, MetaData={"CreateTime": "1999-01-01T00:00:00Z"})
    assert (form["TotalAmt"], form["Balance"], form["MetaData"]["CreateTime"][:2]) == (100, 100, "20")


def test_document_numbers_by_the_service() -> None:
    """CustomTxnNumbers off, or AUTO_GENERATE: one sequence for the sales forms; on and none sent: no number."""
    with Sandbox() as sandbox:
        talk = Talk(sandbox)
        amy = talk.customer()
        assert "DocNumber" not in talk.invoice(amy)
        assert talk.invoice(amy, DocNumber="AUTO_GENERATE")["DocNumber"] == "1001"
        talk.post("preferences", {"SyncToken": "0", "Id": "1", "SalesFormsPrefs": {"CustomTxnNumbers": False}})
        assert talk.invoice(amy)["DocNumber"] == "1002"
        assert talk.post("creditmemo", sales_form(amy))["DocNumber"] == "1003"


def test_every_faultless_answer_can_carry_a_fault_with_200() -> None:
    """A Fault may arrive under status 200."""
    with Sandbox(faults_with_200=True) as sandbox:
        answer = Talk(sandbox).send("customer", {"DisplayName": "A:B"})
        assert (answer.status_code, "Fault" in answer.json()) == (200, True)


def test_the_table_of_fields_holds_together() -> None:
    """Every type named is there, every filterable property is a property."""
    plain = {"string", "decimal", "integer", "boolean", "date", "enum"}
    named = {kind.strip("[]").split()[0] for fields in TYPES.values() for kind in fields.values()}
    assert named - plain <= TYPES.keys()
    for entity, names in FILTERABLE.items():
        assert names <= TYPES[entity].keys()


def test_authorize_page_refuses_what_it_cannot_show(talk: Talk) -> None:
    page, back = f"{talk.sandbox.url}/connect/oauth2", "http://localhost:8712/callback"
    good = {"client_id": "sandbox-client", "redirect_uri": back, "response_type": "code", "state": "s"}
    for name in good:
        assert talk.session.get(page, params={**good, "scope": "openid", name: ""}).status_code == 400
    told = talk.session.get(page, params={**good, "scope": "everything"}, allow_redirects=False)
    assert told.headers["Location"] == f"{back}?error=invalid_scope&state=s"
