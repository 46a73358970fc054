"""Exports of a case: HTML summary, CSV, JSON Lines, VICS, and CASE/UCO. The same rows give the same bytes."""
