"""Shared parts of all pages and the API: frame, navigation, labels, error pages and URLs."""
