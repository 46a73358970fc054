"""Sorting, filters and saved views of tables."""
