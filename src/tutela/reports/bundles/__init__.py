"""Bundles of reports about one thing: similarity, series, join, merge and split."""
