"""The log that anyone can check: Merkle tree, signed notes, checkpoints, cosignatures, tiles, proofs, certified set.

Words: an *entry* is what is logged; a *checkpoint* is the log's signed statement of its size and root; a *cosignature*
is a *witness's* statement that it has seen no other past of this log; a *tile* is a file of 256 hashes; the *certified
set* is the tree of values that stand for the items of a list.

Promises: the formats are those of C2SP (signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles, tlog-witness,
tlog-proof, tlog-policy) and RFC 6962, byte for byte. `verify` is all that an outsider needs to check a log, in one file
that needs nothing else of Tutela, and `policy_check` beside it for the policies that the register's log names; what
writes logs builds on it and is never needed to check one.
"""
