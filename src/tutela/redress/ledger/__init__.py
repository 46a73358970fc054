"""Ledger of errors: denominators, exact intervals, costs, and reviews of sources."""
