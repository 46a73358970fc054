"""Safeguards of the register: rate limits, quarantine, quotas, holds and activation checks."""
