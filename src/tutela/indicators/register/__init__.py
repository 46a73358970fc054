"""Register actions: propose, certify (with proof of possession of the file), dispute, revoke, search and look up.

1. A member of the register proposes an item by its digests. The proposal is the first certification.
2. Another organisation, in another country, certifies it.
3. With the second certification the indicator is activated in the same transaction, and a release is enqueued.
4. The indicator is suspended everywhere by a dispute from a certifier on which the activation depends, disputes by two
   members, or false positives from two providers.
5. The Centre dismisses the dispute, and a new round of certifications begins; or it upholds the dispute, and revokes.
6. A revocation ends the indicator, puts it on the list of removals in the same transaction, and notifies every earlier
   recipient.

The permitted transitions are defined once, in `lifecycle`.
"""
