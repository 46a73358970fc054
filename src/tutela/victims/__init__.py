"""Victims: information, support and the removal of pictures, at victim support and at hosts that accept the scheme.

Terms: a *fingerprint* is the hashes of one picture or video, made on the person's own device. A *removal request* names
fingerprints and addresses; the conversations of the person and of a representative lead to it. A *host of the scheme*
looks for *requested hashes*; what matches one is an *item to remove*.

Guarantees: no file and no part of one is received. Pages, answers and their statements are the same for known and
unknown pictures. A requested hash becomes no indicator, no candidate for a report and no report; a reviewer of the host
decides about each item. The person's withdrawal stands above every mandate, and is told to everybody who got something.
Nobody is written to except in the case, and by a channel that the person chose.
"""
