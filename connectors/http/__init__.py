"""HTTP for every ledger and source: paced, bounded, retried only where nothing can happen twice, and discreet."""

from connectors.http.answers import Answer, MayHaveHappened, NotSent, Refused
from connectors.http.exchange import Signer
from connectors.http.session import Http, Options
from connectors.http.vendor import Bounds, IdempotencyKey, Vendor

__all__ = [
    "Answer",
    "Bounds",
    "Http",
    "IdempotencyKey",
    "MayHaveHappened",
    "NotSent",
    "Options",
    "Refused",
    "Signer",
    "Vendor",
]
