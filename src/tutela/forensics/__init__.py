"""Triage of seized media without a network: an authorisation, sources that are only read, classes, grades, exports."""
