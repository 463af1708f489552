"""New and changed customers and suppliers: parties, with their addresses, contact mechanisms and identifiers."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.ledger import Posting
from connectors.ledgers.tryton.books import Books, Party
from connectors.ledgers.tryton.mapping import MECHANISMS, Values, address, mechanisms
from connectors.ledgers.tryton.rpc import Rpc
from connectors.records import Customer

MECHANISM = "party.contact_mechanism"


def change(rpc: Rpc, posting: Posting, record: Customer, known: Party, books: Books) -> None:
    """Write a changed customer in one call, so in one transaction, with the key of the change beside the former ones.

    Of several mechanisms of one type the first is ours; others, and further addresses, are a person's and stay.
    """
    billing = address(record.billing, books)
    addresses = [["write", [known.address], billing]] if known.address else [["create", [billing]]]
    values: Values = {
        "name": record.name,
        "addresses": addresses,
        "identifiers": [["create", [{"code": posting.key}]]],
        "contact_mechanisms": list(_mechanisms(rpc, record, known)),
    }
    rpc.model("party.party", "write", [known.id], values)


def _mechanisms(rpc: Rpc, record: Customer, known: Party) -> Iterator[list[object]]:
    wanted = {str(values["type"]): values for values in mechanisms(record)}
    present: dict[str, tuple[int, str]] = {}
    for row in rpc.rows(MECHANISM, [["party", "=", known.id], ["type", "in", MECHANISMS]], "type", "value"):
        present.setdefault(row["type"], (row["id"], row["value"]))
    for kind, (number, value) in present.items():
        if kind not in wanted:
            yield ["delete", [number]]
        elif wanted[kind]["value"] != value:
            yield ["write", [number], {"value": wanted[kind]["value"]}]
    if fresh := [values for kind, values in wanted.items() if kind not in present]:
        yield ["create", fresh]
