"""Event chain, checkpoints and public log: the evidence with which others can verify this node.

Terms: the *sequencer* assigns each committed event a position. An *entry* is an event's position in the chain. A
*checkpoint* is a signed statement of the chain's length and head, also kept outside the database. The *verifier* finds
any edit, deletion, reordering or insertion.

Guarantees:
- The chain never serialises intake.
- A committed event is in the chain within seconds.
- Anyone who holds an older checkpoint can prove that the past was not changed, including by the operator.
"""
