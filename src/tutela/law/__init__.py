"""Law as dated data and pure functions: acts, legal bases, clocks, holds, retention, classifications.

Terms:
- An *act* has *readings*: who read which source on which day, with the finding in force, lapsed, proposal or unchecked.
- A *basis* allows a kind of detection from a day to a day.
- A *clock* runs towards a deadline, may be paused with a reason, extended within its limit, and expires.
- A *hold* keeps a subject unchanged until a date.
- *Retention* defines how long data is kept, and proves the deletion.
- A *classification* states what is depicted and, in a second layer, where it is illegal.

Guarantee: only law that is in force and checked has effect. Everything else can be simulated, never enforced.
"""
