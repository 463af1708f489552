"""What a person does on a stand-in's page: choose a company, press a button, and be sent back by the browser."""

from __future__ import annotations

from html.parser import HTMLParser
from http import HTTPStatus
from urllib.parse import urljoin

import requests


def consent(url: str, company: str, decision: str = "accept") -> bool:
    """Answer the page at an address; whether the browser came back to where it was sent."""
    with requests.Session() as browser:
        browser.trust_env = False
        return browser.get(sent_to(url, company, decision), timeout=30).status_code == HTTPStatus.OK


def sent_to(url: str, company: str, decision: str = "accept") -> str:
    """Answer the page at an address; where the vendor then sends the browser. Raises ``KeyError`` for no such page."""
    form = _Form()
    with requests.Session() as browser:
        browser.trust_env = False
        asked = browser.get(url, timeout=30)
        form.feed(asked.text)
        sent = {**form.values, form.choice: company, "decision": decision}
        answer = browser.post(urljoin(url, form.action), data=sent, timeout=30, allow_redirects=False)
        return answer.headers["Location"]


class _Form(HTMLParser):
    """Where the page's form goes, what it carries unseen, and the name under which it asks for a company."""

    def __init__(self) -> None:
        super().__init__()
        self.action, self.choice = "", ""
        self.values: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = given["action"]
        elif tag == "select" or given.get("type") == "radio":
            self.choice = given["name"]
        elif tag == "input" and given["type"] == "hidden":
            self.values[given["name"]] = given["value"]
