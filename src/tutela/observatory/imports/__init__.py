"""Tables that others publish, imported as figures with their vintage, and what must be known of them."""
