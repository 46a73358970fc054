"""Takedown in the demonstration: stories of addresses, orders, an examination, and the walk's steps."""
