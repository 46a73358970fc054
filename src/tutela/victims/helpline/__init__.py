"""Helpline: contacts without an identity, agreed sets of categories, and the return of a quarter."""
