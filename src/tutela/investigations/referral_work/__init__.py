"""Work on referrals: answers, holds, outcomes, teams and PDF."""
