"""A page of the guide as HTML: one file by itself, for any browser, with nothing from a network and no script."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

STYLE = (
    "body{font:16px/1.5 'Segoe UI',Arial,sans-serif;margin:0;color:#222;display:flex;flex-wrap:wrap}"
    "nav{flex:0 0 15rem;padding:1.5rem;background:#f3f5f7}nav a{display:block;margin:.3rem 0}"
    "main{flex:1 1 30rem;max-width:60rem;padding:1.5rem 2.5rem;overflow-x:auto}a{color:#0b5cad}"
    "[aria-current]{font-weight:bold;color:inherit;text-decoration:none}"
    "table{border-collapse:collapse;margin:1rem 0}td,th{border:1px solid #ccd;padding:.4rem .6rem;vertical-align:top;"
    "text-align:left}code{background:#f3f5f7;padding:0 .2rem}pre{background:#f3f5f7;padding:1rem;overflow-x:auto}"
    "tr:has(:target){background:#fff4c2}:target{scroll-margin-top:1rem}"
)
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
WEB = ("https://", "http://")
OURS = re.compile(r'<a id="\w+">|</a>|<!--[^<>]*-->\n?')
"""The HTML that our pages have: anchors and comments. Any other is shown as text."""


def document(text: str, language: str, pages: Iterable[tuple[str, str]], here: str) -> str:
    """The whole file of a page; ``pages`` are the names and titles of all pages, ``here`` is the name of this one.

    A link to another page of the guide leads to its file, and one to what is not in the guide is only its text.
    """
    pages = list(pages)
    title = dict(pages)[here]
    menu = "".join(_entry(name, caption, name == here) for name, caption in pages)
    body = _markdown().renderer.render(
        list(_linked(_tokens(text), {name for name, _ in pages})), _markdown().options, {}
    )
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>'
        f"<body><nav>{menu}</nav><main>{body}</main></body></html>\n"
    )


def leading_to(name: str, anchor: str) -> str:
    """A file that leads on to a place of a page: what opens a file by its path drops an anchor on Windows."""
    there = escape(f"{name}.html#{anchor}" if anchor else f"{name}.html")
    return (
        f'<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={there}">'
        f'<title>Passerelle</title><a href="{there}">{escape(name)}</a>\n'
    )


def headings(text: str) -> list[tuple[str, str]]:
    """The headings of a page, as they are read, with their anchors."""
    tokens = _tokens(text)
    titles = [_read(after) for one, after in pairwise(tokens) if one.type == "heading_open"]
    return [(title, anchor(title)) for title in titles]


def _read(inline: Token) -> str:
    """The words of a line without the signs that say how they look."""
    return "".join(child.content for child in inline.children or ())


def anchor(heading: str) -> str:
    """What a heading is linked by: its words in small letters, joined by hyphens, as GitHub has it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _entry(name: str, caption: str, current: bool) -> str:
    mark = ' aria-current="page"' if current else ""
    return f'<a href="{name}.html"{mark}>{escape(caption)}</a>'


def _linked(tokens: list[Token], names: set[str]) -> Iterator[Token]:
    """The tokens of a page with anchors on its headings, and links that lead somewhere."""
    for one, after in pairwise([*tokens, Token("end", "", 0)]):
        if one.type == "heading_open":
            one.attrSet("id", anchor(after.content))
        for each in (one, *(one.children or ())):
            if each.type in ("html_block", "html_inline") and not OURS.fullmatch(each.content):
                each.content = escape(each.content)
            if each.type == "link_open":
                _lead(each, names)
        if one.children:
            one.children = [child for child in one.children if child.type != "image"]
        yield one


def _lead(link: Token, names: set[str]) -> None:
    file, sign, place = str(link.attrGet("href")).partition("#")
    if file.removesuffix(".md") in names:
        link.attrSet("href", f"{file.removesuffix('.md')}.html{sign}{place}")
    elif file and not file.startswith(WEB):
        link.attrs.clear()


def _tokens(text: str) -> list[Token]:
    return _markdown().parse(text)


def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")
