"""HTTP interface of Hasher-Matcher-Actioner (HMA 1.1), so that its clients can use an Edge unchanged.

    banks      lists as banks, entries as numbers        matching    /h, /m and /status
    curating   /c: negatives and confirmed items         exchanges   /c: sources of lists, settings
    answers    errors and matches in HMA's form          operations  each once: its route, site map and document

Promises:
- A bank is a list of this Edge and cannot be made, filled or emptied through this interface.
- People add negatives and items that they confirmed, with a reason, into two banks for that.
- An entry can be hidden for a time, with a reason.
- A number names the same entry permanently and opens nothing in another bank.
- Without a trusted list the answer is 503.
- A client that creates its banks finds the banks that the operator declared for it, and gets the answer "created".

`docs/deviations.md` lists the intended differences from HMA.
"""
