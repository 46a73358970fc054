"""The authority's desk: receive referrals, acknowledge them, and send outcomes back.

Words: a *referral* is a package from a Centre. An *acknowledgement* confirms that the package arrived. An *outcome* is
one step of its handling, with a *release* level that limits how far it may be shared. A *hold* requests that the user
is not notified.

Guarantees: an arriving package is stored before it is acknowledged, and stored once. Only the authority decides what is
released.
"""
