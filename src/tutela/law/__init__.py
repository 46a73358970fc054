"""Law as dated data and pure functions: acts, legal bases, clocks, holds, retention, classifications.

Words: an *act* has *readings* (who read which source on which day, and what they found: in force, lapsed, proposal or
unchecked); a *basis* allows a kind of detection from a day to a day; a *clock* runs towards a deadline, may be paused
with a reason, extended within its limit, and expires; a *hold* keeps something still until a date; *retention* says
how long, and proves the deletion; a *classification* says what is depicted and, in a second layer, where it is illegal.

Promise: only what is in force and checked acts. Everything else can be simulated, never enforced.
"""
