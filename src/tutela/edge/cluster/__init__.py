"""Scanning on many machines: batches of names go out to hosts, lines of results come back, each exactly once.

Words
- *object*: what a name of the listing stands for. *Item*: what has a line: the object, or each member of an archive.
- *batch*: consecutive names of the listing, numbered from 0; the unit that a host does and that is done again.
- *ledger*: which batches are done, and how long the output was then; with it a scan goes on after any kill.
- *host*: a machine's one process that maps the lists and hashes with all its cores.
- *kept*: the files of lists, ready for search, that all processes of a machine map.

Promises
- Listing and ledger are read as streams and never held: 10^9 names need no more memory than a thousand. What is kept
  grows with what is under way: the batches at the hosts, and the numbers of those that overtook one of them. (Of a tree
  of folders the names of one folder are put in order at a time.)
- Every item has exactly one line in the output, whatever was killed: a batch's lines and the ledger's entry for it are
  on the disk before the batch counts as done, and lines without an entry are cut off again. An archive's lines are
  never parted: all of them stand there, or none.
- A listing in which a name came or went before the place where a scan goes on is refused; the error says what to do.
- A machine has one copy of a list in memory and one file of its index, however many hosts and scans there are on it.
- A host whose lists differ from the driver's takes no part.
"""
