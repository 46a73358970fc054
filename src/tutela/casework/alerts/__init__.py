"""Alerts: call people to a subject until somebody answers, on the page, by a bell, by e-mail and webhook."""
