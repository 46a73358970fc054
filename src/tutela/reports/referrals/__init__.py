"""Referrals to authorities: addressees, delivery, handling codes, outcomes and undelivered ones."""
