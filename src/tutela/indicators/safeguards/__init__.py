"""Safeguards of the register: rate limits, quarantine, quotas and activation checks."""
