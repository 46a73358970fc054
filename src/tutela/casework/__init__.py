"""What desks share and no domain owns: viewing budgets, alerts, and where an IP address is.

Words: a *subject* is what a row is about, named by its kind and id (`report`, `candidate`); an *opening* is one look at
a subject's contents; an *alert* calls people to a subject until somebody answers; *on call* is who is told outside
the desk.

Guarantees: a person's count of openings is shown to that person alone; an alert is repeated until it is answered, and
again once its time is over; no clock that stood wrong silences one.
"""
