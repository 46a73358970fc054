"""Rechecks: whether something is still at an address."""
