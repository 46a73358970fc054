"""Codes of the kinds of conversation: of the person in the pictures, of a representative, and the person's own access
to a request that a representative opened.
"""

BY_PERSON, BY_REPRESENTATIVE, OWN_ACCESS = "remove-pictures", "remove-for-another", "remove-own-access"
KINDS = (BY_PERSON, BY_REPRESENTATIVE, OWN_ACCESS)
# Of the form whose ticket a message with fingerprints carries.
FINGERPRINTS_FORM = "removal.fingerprints"
