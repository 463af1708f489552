"""What others say is shown without the credentials in it, in every shape in which they travel, and otherwise as it is.

Sources: RFC 6749, 6750, 7519, 7617, 9110 (11.6), 3986 (3.2.1, 7.5); OWASP ASVS 4.0, 7.1.1.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.problems import CannotRun, Problem
from connectors.secrets.redaction import scrubbed
from tests.sampled import examples

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
TOKENS = st.text(LETTERS + "0123456789-_.~", min_size=16, max_size=60).filter(lambda t: any(c.isdigit() for c in t))
PROSE = st.text(LETTERS + " éà,.;:'\n()", max_size=40).map(lambda text: f"{text} ")


def segment(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


NAMES = ["access_token", "refresh_token", "id_token", "client_secret", "password", "token", "X-Api-Key", "api_key"]

SHAPES: dict[str, Callable[[str], str]] = {
    "bearer": lambda t: f"Bearer {t}",
    "basic": lambda t: "Basic " + base64.b64encode(f"client:{t}".encode()).decode(),
    "a header": lambda t: f"Authorization: {t}",
    "a header with a scheme of its own": lambda t: f"authorization: Session {t}",
    "a header in a mapping": lambda t: repr({"Authorization": f"Token {t}", "Accept": "*/*"}),
    "the proxy's header": lambda t: f"Proxy-Authorization: Basic {t}",
    "a cookie": lambda t: f"Cookie: a=b; session={t}",
    "a cookie that is set": lambda t: f"Set-Cookie: sid={t}; Path=/; HttpOnly",
    "a code that comes back": lambda t: f"GET /callback?code={t}&state=1 HTTP/1.1",
    "a code alone": lambda t: f"code={t}",
    "a code in JSON": lambda t: json.dumps({"code": t}),
    "an address": lambda t: f"postgresql://person:{t}@db.example/passerelle",
    "an address with an @ in the password": lambda t: f"postgresql://person:{t}@{t}@db.example/passerelle",
    "an address in an address": lambda t: "https://a.example/?to=" + quote(f"https://u:{t}@b.example", safe=""),
    "an encoded password in an address": lambda t: f"https://u:{quote('@' + t + '/é', safe='')}@b.example/x",
    **{f"{name} in a query": lambda t, name=name: f"https://a.example/x?{name}={t}&y=1" for name in NAMES},
    **{f"{name} in JSON": lambda t, name=name: json.dumps({name: t, "y": 1}) for name in NAMES},
    **{f"{name} in JSON in JSON": lambda t, name=name: json.dumps({"d": json.dumps({name: t})}) for name in NAMES},
    **{f"{name} in a mapping": lambda t, name=name: repr({name: t, "y": [1]}) for name in NAMES},
    **{f"{name} in a list of a mapping": lambda t, name=name: repr({name: [t]}) for name in NAMES},
    **{f"{name} in XML": lambda t, name=name: f"<a><{name}>{t}</{name}></a>" for name in NAMES},
    **{f"{name} in a query in an address": lambda t, name=name: quote(f"?{name}={t}", safe="") for name in NAMES},
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@settings(max_examples=examples(25))
@given(TOKENS, PROSE, PROSE)
def test_a_credential_is_not_seen_in_any_shape(
    shape: Callable[[str], str], token: str, before: str, after: str
) -> None:
    text = f"{before}{shape(token)} {after}"
    shown = scrubbed(text)
    assert token not in shown
    assert quote(token, safe="") not in shown
    assert base64.b64encode(f"client:{token}".encode()).decode() not in shown
    assert scrubbed(shown) == shown


@given(st.dictionaries(st.text(LETTERS, min_size=1), TOKENS, min_size=1), TOKENS, PROSE)
def test_a_token_that_says_what_it_is_is_not_seen(claims: dict[str, str], signature: str, before: str) -> None:
    """RFC 7519: three parts in base64url, the first of them JSON."""
    token = f"{segment({'alg': 'RS256'})}.{segment(claims)}.{signature.replace('.', '').replace('~', '')}"
    assert token not in scrubbed(f"{before}{token}")
    assert segment(claims) not in scrubbed(f"{before}{token}")


@pytest.mark.parametrize("password", ["court", "p w", "a&b", "a,b;c", "l'été"])
def test_a_short_or_odd_password_in_json_is_not_seen(password: str) -> None:
    assert password not in scrubbed(json.dumps({"password": password}, ensure_ascii=False))
    assert scrubbed("Basic " + base64.b64encode(f"u:{password}".encode()).decode()) == "Basic ***"


READABLE = [
    "Facture F-2025-001 de 1 234,50 $ (Club d'échecs de l'Île, compte 1100)",
    "The item  Adhésion – Basic  has no ledger item",
    "Basic subscription ended", "Bearer token expired", "The password is required", "Invalid token: expired",
    '{"code": "Application_DialogException"}', "code=6000; element=DocNumber", "Business Validation Error (code 6240)",
    "https://quickbooks.api.intuit.com:443/v3/company/9130/invoice?minorversion=75&x=a@b.example",
    "https://ledger.example/a:b@c", "postgresql://person@db.example:5432/passerelle", "mailto:a@example.org",
    "eyebright.example.org", "Authorization: sign in again", "no secret: all of it is public",
    "sha256 5f4dcc3b5aa765d61d8327deb882cf99", "INV-eyJ.1.2", "/home/code/token/1", "The code of the item is CODE-1",
    "C:\\Users\\token\\livre.xlsm", "Cookies & cie inc.", "Secret Santa: 25,00", "Invoice 12:30@noon",
]  # fmt: skip


@pytest.mark.parametrize("text", READABLE)
def test_what_is_no_credential_is_shown_as_it_is(text: str) -> None:
    assert scrubbed(text) == text


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_problem_holds_no_credential_from_the_beginning(shape: Callable[[str], str]) -> None:
    """Its detail and parameters go to the screen, the sheet, the journal, the log and the text of its exception."""
    text = shape("PLANTED-0123456789abcdef")
    problem = Problem(code="ledger_refused", detail=text, params={"why": text})
    assert "PLANTED" not in f"{problem} {CannotRun(problem)} {dict(problem.params)}"
