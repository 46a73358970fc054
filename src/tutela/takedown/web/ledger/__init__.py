"""Pages of figures: the ledger, the yearly report, payments, and what everybody may see."""
