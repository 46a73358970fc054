"""Encrypted files that are pending on an Edge: candidates, alerts and unscanned items."""
