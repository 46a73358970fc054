"""Requests of data subjects, breaches of personal data, records of processing, and hand-over."""
