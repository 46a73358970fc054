"""Alerts about a subject until somebody answers: on the page, by bell, e-mail and webhook."""
