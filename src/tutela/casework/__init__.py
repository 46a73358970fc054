"""Casework: search over all desks, daily limits of openings, alerts, and geolocation, shared by every desk.

Words: a *subject* is the thing that a row is about, named by its kind and ID (`report`, `candidate`); an *opening* is
one look at a subject's contents; an *alert* asks for people until somebody answers; people *on call* are notified
outside the desk; a *finder* is what a domain registers with the search.

Guarantees: only a person sees the own count of openings; an alert is repeated until somebody answers, and again after
the deadline; a wrong clock silences no alert; a search finds what the person may see, and no event has its text.
"""
