"""Mandates of desks: recorded by two people, with expiry, and the gate that opens a desk only with them."""
