"""Feeds: hash-sharing and StopNCII sources, and the HTTP client for outgoing calls."""
