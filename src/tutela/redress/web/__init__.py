"""Pages of complaints, reversals, data subjects and figures; the public complaint page; the API."""
