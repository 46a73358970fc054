"""The register: propose, certify, dispute, revoke, search and look up.

1. A member of the register proposes an item by its digests; that is the first certification.
2. Another organisation, in another country, certifies it.
3. With the second certification the indicator is activated in the same transaction, and a release is ordered.
4. Doubts of a certifier it rests on, of two members, or false positives of two providers suspend it everywhere.
5. The Centre dismisses, and a new round of certifications begins; or it upholds, and revokes.
6. A revocation ends it, puts it on the list of removals in the same transaction, and tells every earlier recipient.

What may follow what is said once, in `lifecycle`.
"""
