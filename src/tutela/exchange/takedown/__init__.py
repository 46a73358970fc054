"""Wire formats of takedown: addresses, notices, orders, statements of reasons, and messages between hotlines.

    web_address     normal form and kind of an address          notice      notice of DSA Article 16, and its answers
    xarf, arf       notices in formats of others                order       orders of DSA Articles 9 and 10
    hotline_message, iccam   cases between hotlines             backlog     addresses of old tables and mailboxes
    statement_of_reasons, transparency_database   reasons for the user and for the Commission's database
    taxonomy        labels and their mappings, from a file      vantage     tasks and answers of a remote check

Promises:
- No format here has a place for media; a reader skips and counts attached media.
- Every refusal names the field and the reason, and never repeats the input.
"""
