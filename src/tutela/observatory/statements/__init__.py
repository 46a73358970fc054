"""Signed statements of figures with commitments, and the check of a statement's file by anybody, without a node."""
