"""What happened, by whom, and for which purpose: the floor on which every domain stands.

Words: an *actor* is who acts, always a parameter; an *event* is one change, written in the transaction that makes it;
a *purpose* is a word of a closed vocabulary; a *tenant table* belongs to one organisation and is invisible to others.

Promises: every change writes exactly one event; no event can be edited or deleted by any role; an event's facts can be
erased (with their salt) while its commitment stays, so that verification still passes; nothing here serialises intake.

Read `transaction.py` first: one capability call is one transaction.
"""
