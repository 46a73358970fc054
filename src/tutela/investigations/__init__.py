"""The authority's desk: referrals come in, are acknowledged, and their outcomes go back.

Words: a *referral* is a package from a Centre; an *acknowledgement* says that it arrived; an *outcome* is one step of
what became of it, with a *release* level that says how far it may travel; a *hold* asks that the user is not told.

Promises: what arrives is stored before it is acknowledged, and once; the authority alone decides what is released.
"""
