"""Clients that call an Edge."""
