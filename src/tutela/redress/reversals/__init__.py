"""Reversals: one mistake, corrected at every earlier recipient; every hop is a row with an answer."""
