"""Attacks, one file for each class of them: each tries what somebody would try, and nothing of it may work."""
