"""Pages that desks share: the bell of alerts, the search over all desks, and the sample of searches."""
