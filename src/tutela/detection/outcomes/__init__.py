"""Outcomes of reports: feedback from the Centre, reports filed elsewhere, figures."""
