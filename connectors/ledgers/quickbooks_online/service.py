"""How we reach QuickBooks Online: signed in, paced as it publishes, and what its answers mean for the next step."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from connectors.http import Answer, IdempotencyKey, Refused, Vendor
from connectors.ledgers.quickbooks_online.problems import THROTTLED, faults
from connectors.ledgers.quickbooks_online.settings import QuickBooksOnlineSettings
from connectors.pace import Limit
from connectors.problems import CannotRun, Problem
from connectors.signin import Company, Provider, from_redirect
from connectors.signin.provider import Read, Redirected

LABEL = "QuickBooks Online"
BATCH = "batch"

LIMITS = (Limit(500, 60), Limit(10, 1), Limit(40, 60, lane=BATCH))
"""A company and an application together: a minute, a second, a minute of batches (limits and throttles)."""
CONCURRENT = 8
"""Calls under way at once. Assumption: the vendor's cap is no lower than the 10 that it once published."""


def throttled(answer: Answer) -> bool:
    """Too many requests: 429, or the fault 3001 that used to come with 403 (recorded answers)."""
    return answer.status == 429 or any(fault.code == THROTTLED for fault in faults(answer.body))


VENDOR = Vendor(
    label=LABEL,
    request_id="intuit_tid",
    key=IdempotencyKey(parameter="requestid"),
    query={"minorversion": "75"},
    throttled=throttled,
    pause=60,
)
"""``requestid`` is sent and not relied upon: it did not always prevent a duplicate (DotNET SDK, issue 352)."""


def provider(settings: QuickBooksOnlineSettings) -> Provider:
    """The vendor's sign-in; the person chooses the company on its page, and the redirect names it.

    The end that no renewal moves comes only where a header asks for it (important changes to refresh token policy,
    2025-11-12; the vendor's SDKs name it ``xRefreshTokenHardExpiresIn``). PKCE is neither in the vendor's guide to
    OAuth 2.0 nor in its discovery document (``code_challenge_methods_supported``, RFC 8414), and its client has
    a secret.
    """
    return Provider(
        label=LABEL,
        authorize_url=settings.authorize_url,
        token_url=settings.token_url,
        revoke_url=settings.revoke_url,
        revoke_as="json",
        scopes=("com.intuit.quickbooks.accounting",),
        pkce=False,
        this_machine="localhost",
        companies=partial(_opened, settings),
        refresh_life=100 * 86_400,
        refresh_life_field="x_refresh_token_expires_in",
        hard_life_field="x_refresh_token_hard_expires_in",
        token_headers={"x-include-refresh-token-hard-expires-in": "true"},
    )


def _opened(settings: QuickBooksOnlineSettings, redirected: Redirected, read: Read) -> Sequence[Company]:
    """The company that the person opened. Raises ``CannotRun`` (company_differs) where another is set.

    Who pasted the code alone did not bring its id: then it is the one that is set, where the new token opens that
    (no_access_to_company).
    """
    wanted = settings.company
    if not redirected:
        base = f"{settings.api_url.rstrip('/')}/v3/company/{wanted}"
        try:
            read(f"{base}/companyinfo/{wanted}?minorversion=75")
        except Refused as no:
            told = Problem(code="no_access_to_company", params={"ledger": LABEL}, detail=no.answer.detail)
            raise CannotRun(told) from no
        return (Company(id=wanted),)
    found = from_redirect("realmId")(redirected, read)
    for company in found:
        if company.id != wanted:
            params = {"ledger": LABEL, "expected": wanted, "found": company.id}
            raise CannotRun(Problem(code="company_differs", params=params))
    return found
