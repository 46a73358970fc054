"""Casework: search, shared work on cases, undo, daily limits, alerts, and geolocation, shared by every desk.

Words: a *subject* is the thing that a row is about, named by its kind and ID (`report`, `candidate`); an *opening* is
one look at a subject's contents; an *alert* asks for people until somebody answers; people *on call* are notified
outside the desk; a *finder* is what a domain registers with the search; a *case* is a subject that people decide; a
*claim* says who does; an action with *undo* takes effect some seconds after it was decided.

Guarantees: only a person sees the own count of openings; an alert is repeated until somebody answers, and again after
the deadline; a wrong clock silences no alert; a search finds what the person may see, and no event has its text; no
other organisation reads a note; what was undone has sent nothing.
"""
