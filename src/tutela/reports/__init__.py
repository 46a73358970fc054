"""The Centre's desk: a report comes in, is judged, referred to the right authority, and its outcome goes back.

Words: a *report* is a provider's, about one account and event; an *item* is a piece of media known by its digests; a
*sighting* is an item in a report; a *bundle* shows one item once, however many reports carry it; a *duplicate* has the
same account, event and exact item; an *assessment* decides relevance; a *referral* goes to an authority; an *outcome*
comes back.

Promises: a receipt is given only after commit; items merge, people do not; completeness, relevance and urgency are
three explained scores that order and never close; in the order of triage urgent is never below non-urgent (a person may
have a list in another order); unknown is never counted as low.
"""
