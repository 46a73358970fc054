"""Duplicate detection: when a report is the same as another, and by what that is recognised."""
