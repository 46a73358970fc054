"""The chain over all events, and everything by which others can check us.

Words: the *sequencer* gives events their place after the fact; an *entry* is an event's place in the chain; a
*checkpoint* is a signed statement of the chain's length and head, also kept outside the database; the *verifier* finds
any edit, deletion, reordering or insertion.

Promises: intake is never serialised by the chain; an event written is in the chain within seconds; whoever holds an
older checkpoint can prove that the past was not changed, against the operator too.
"""
