"""Disclosure control for every published table: small cells, complementary suppression, exact bounds, columns."""
