"""The hotline's desk: from a public report of an address to the verified absence of what was there.

Terms: a *case* is one address at one hotline, however often it is reported. An *assessment* is a person's verdict on
what is there. A *trace* finds who hosts it. A *notice* asks the host to remove it (DSA Art. 16). A *recheck* looks
whether it is still there.

Guarantees: equal addresses are one case. Nothing is fetched but status and headers, and no content is stored. Addresses
are sealed. A public report leaves no internet address, no cookie and no time more precise than an hour.
"""
