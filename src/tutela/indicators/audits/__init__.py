"""Blind audits of the register: sample selection, review, results and confidence intervals."""
