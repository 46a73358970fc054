"""Integrity of the register: signatures, verification, invalidation and evidence for the log."""
