"""What Microsoft's own client does with an environment, run in its own: URL, tenant, id and secret; prints JSON."""

import json
import sys

from azure.identity import ClientSecretCredential
from PowerPlatform.Dataverse.client import DataverseClient
from PowerPlatform.Dataverse.core.errors import HttpError

url, tenant, client_id, secret = sys.argv[1:]
credential = ClientSecretCredential(tenant, client_id, secret, authority=url, disable_instance_discovery=True)
told = {}
with DataverseClient(url, credential) as client:
    made = [client.records.create("account", {"name": f"Membre {n}"}) for n in range(5)]
    pages = list(client.records.list_pages("account", select=["name"], orderby=["name"], page_size=2))
    told["pages"] = [[row["name"] for row in page] for page in pages]
    client.records.update("account", made[0], {"telephone1": "418 555-0100"})
    told["read"] = dict(client.records.retrieve("account", made[0], select=["name", "telephone1"]))
    told["filtered"] = [row["name"] for row in client.records.list("account", filter="name eq 'Membre 3'")]
    client.records.delete("account", made[4])
    told["deleted"] = client.records.retrieve("account", made[4]) is None
    invoice = client.records.create("cdc_invoice", {
        "cdc_invoicetype": "Renewal", "cdc_total": 12.5, "cdc_AccountId@odata.bind": f"/accounts({made[0]})",
    })  # fmt: skip
    told["invoice"] = dict(client.records.retrieve("cdc_invoice", invoice, select=["cdc_invoicetype", "cdc_total"],
                                                   expand=["cdc_AccountId($select=name)"]))  # fmt: skip
    told["table"] = client.tables.get("account").entity_set_name
    for name, use in {
        "column": lambda: client.records.list("account", select=["nickname"]),
        "payload": lambda: client.records.update("account", made[0], {"nickname": "x"}),
        "gone": lambda: client.records.update("account", made[4], {"name": "x"}),
        "choice": lambda: client.records.update("cdc_invoice", invoice, {"cdc_invoicetype": 1}),
        "long": lambda: client.records.update("account", made[0], {"telephone1": "9" * 60}),
    }.items():
        try:
            use()
        except HttpError as refused:
            told[name] = [refused.status_code, str(refused)]
print(json.dumps(told, default=str))
