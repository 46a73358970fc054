"""The provider's desk: what an Edge noticed, what people decided about it, and the reports that leave.

Words: a *service* is one product of the provider, with *terms* (its channel, its mode, how many people review, how much
they must see); a *candidate* is an item that agreed with a list; a *review* is one person's decision about it; an
*opening* is one look at an item; an *outcome* ends a candidate; a *draft* is a report until it is sent; a
*withdrawal* says that an indicator was wrong.

Guarantees: a match does nothing by itself, a person decides; an exact copy of a register entry need not be opened, and
nobody opens more than the day allows; what is rejected is deleted at once; what is tried out in shadow is only counted;
a report is sent until it is answered, and what became of it comes back; no picture is ever stored here.
"""
