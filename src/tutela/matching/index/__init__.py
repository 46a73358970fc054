"""Hamming index: exact search by distance."""
