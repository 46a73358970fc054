"""Scan on many machines: batches of names go to hosts; each result line comes back exactly once.

Words
- *object*: what a name of the listing stands for. *Item*: what has a line: the object, or each member of an archive.
- *batch*: consecutive names of the listing, numbered from 0; the unit that a host processes and that is retried.
- *ledger*: which batches are done, and how long the output was then; with it a scan resumes after any kill.
- *host*: a machine's one process that maps the lists and hashes with all its cores.
- *kept*: the files of lists, ready for search, that all processes of a machine map.

Promises
- Listing and ledger are read as streams and never held: 10^9 names need no more memory than a thousand. Memory grows
  with the work in progress: the batches at the hosts, and the numbers of batches that finished early. (In a tree of
  folders, the names of one folder at a time are sorted.)
- Every item has exactly one line in the output after any kill. A batch's lines and the ledger's entry for it are on the
  disk before the batch counts as done. Lines without an entry are cut off again. An archive's lines are written
  together or not at all.
- A listing in which a name was added or removed before the resume point is refused; the error says what to do.
- A machine has one copy of a list in memory and one file of its index, for any number of hosts and scans.
- A host whose lists differ from the driver's takes no part.
"""
