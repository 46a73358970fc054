"""Approvals by a second person: rules, security keys, requests and switches."""
