"""Rates: exact intervals with stage and denominator, and what a rate means at a base rate."""
