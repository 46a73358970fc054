"""Candidates: intake from an Edge, viewing budget, outcomes and withdrawn indicators."""
