"""Signing in to a vendor with OAuth 2: consent, tokens that renew themselves, one refresher per company."""

from connectors.signin.flows import begin, begin_device, by_pasting, disconnect, finish, finish_device, in_browser
from connectors.signin.provider import Client, Company, Provider, from_redirect
from connectors.signin.session import SignIn

__all__ = [
    "Client",
    "Company",
    "Provider",
    "SignIn",
    "begin",
    "begin_device",
    "by_pasting",
    "disconnect",
    "finish",
    "finish_device",
    "from_redirect",
    "in_browser",
]
