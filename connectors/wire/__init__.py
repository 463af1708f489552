"""How records look on a ledger's wire: tables read both ways, and no network."""
