"""Public pages as data: one question a page, for each kind of visitor."""
