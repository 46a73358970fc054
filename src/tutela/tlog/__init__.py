"""Public log: Merkle tree, signed notes, checkpoints, cosignatures, tiles, proofs, certified set.

Words: an *entry* is a logged record; a *checkpoint* is the log's signed statement of its size and root; a *cosignature*
is a *witness's* statement that it has seen no other past of this log; a *tile* is a file of 256 hashes; the *certified
set* is the tree of values that stand for the items of a list.

Guarantees: the formats are those of C2SP and RFC 6962, byte for byte. The C2SP formats are signed-note,
tlog-checkpoint, tlog-cosignature, tlog-tiles, tlog-witness, tlog-proof and tlog-policy. An outsider needs only `verify`
to check a log, in one file that needs nothing else of Tutela. `policy_check` adds the policies that the register's log
names. Modules that write logs build on `verify` and are never needed to check a log.
"""
