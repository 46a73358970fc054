"""Comparison of returns received: what keeps them from being added up, and the European aggregate with its coverage."""
