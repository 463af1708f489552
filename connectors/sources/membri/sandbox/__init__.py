"""A stand-in for an environment of Dataverse with Membri 365 in it: it shares nothing with the connector."""

from connectors.sources.membri.sandbox.demonstration import demonstrate
from connectors.sources.membri.sandbox.standin import CHAPTER, TENANT, App, Dataverse, Sandbox, serve

__all__ = ["CHAPTER", "TENANT", "App", "Dataverse", "Sandbox", "demonstrate", "serve"]
