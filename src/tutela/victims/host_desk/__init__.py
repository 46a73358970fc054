"""Desk of a host: acceptance of the scheme, requested hashes, and items that a reviewer opens and decides."""
