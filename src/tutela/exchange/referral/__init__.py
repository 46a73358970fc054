"""Referrals between the Centre and authorities: package, outcomes, holds, withdrawals and sealed evidence."""
