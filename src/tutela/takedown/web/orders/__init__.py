"""Pages of orders: the authority, the provider, and requests of a hotline."""
