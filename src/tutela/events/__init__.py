"""Events: a record of every change, its actor and its purpose. Every domain depends on this package.

Words: an *actor* is the person or program that acts, always passed as a parameter. An *event* is one change, written in
the transaction that makes it. A *purpose* is a word of a closed vocabulary. A *tenant table* belongs to one
organisation and is invisible to others.

Guarantees:
- Every change writes exactly one event.
- No event can be edited or deleted by any role.
- An event's facts can be erased (with their salt) while its commitment stays, so that verification still passes.
- Nothing here serialises intake.

Read `transaction.py` first: one capability call is one transaction.
"""
