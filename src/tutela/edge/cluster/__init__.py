"""Scanning on many machines: batches of names go out to hosts, lines of results come back, each exactly once.

Words
- *batch*: consecutive names of the listing, numbered from 0; the unit that a host does and that is done again.
- *ledger*: which batches are done, and how long the output was then; with it a scan goes on after any kill.
- *host*: a machine's one process that holds the lists and hashes with all its cores.

Promises
- The listing is read as a stream and never held: 10^9 names need no more memory than a thousand.
- Every item of the listing has exactly one line in the output, whatever was killed: a batch's lines and the ledger's
  entry for it are on the disk before the batch counts as done, and lines without an entry are cut off again.
- A host whose lists differ from the driver's takes no part.
"""
