"""The HTTP interface of Hasher-Matcher-Actioner (HMA 1.1), so that its clients point at an Edge unchanged.

    banks      lists as banks, entries as numbers        matching    /h, /m and /status
    curating   /c: negatives and confirmed items         exchanges   /c: where lists come from, what is set
    answers    how HMA says errors and matches           operations  each once: its route, site map and document

Promises: a bank is a list of this Edge and cannot be made, filled or emptied from here; people add negatives and items
that they confirmed, with a reason, into two banks for that; an entry can be hidden for a time, with a reason; a number
names the same entry for ever and opens nothing in another bank; without a trusted list the answer is 503; a client that
makes its banks finds those that the operator declared for it, and is told that they are made.
`docs/deviations.md` says where this differs from HMA on purpose.
"""
