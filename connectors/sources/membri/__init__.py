"""Membri 365, a membership system on Dynamics 365, over the Dataverse Web API."""
