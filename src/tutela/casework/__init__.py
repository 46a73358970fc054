"""Casework: daily limits of openings, alerts, and geolocation of IP addresses, shared by every desk.

Words: a *subject* is the thing that a row is about, named by its kind and ID (`report`, `candidate`); an *opening* is
one look at a subject's contents; an *alert* asks for people until somebody answers; people *on call* are notified
outside the desk.

Guarantees: only a person sees the own count of openings; an alert is repeated until somebody answers, and again after
the deadline; a wrong clock silences no alert.
"""
