"""Media: from the bytes of a picture to the hashes by which it is recognised.

Tutela keeps no media. This package takes bytes that may be hostile, returns hashes, and discards the bytes.

Words
- *digests*: MD5, SHA-1 and SHA-256 of a file, exact to the bit.
- *PDQ*: 256 bits that stay nearly the same when a picture is recompressed or resized, with a *quality* of 0 to 100.
  Below 50 the picture is *too flat* and its hash is not compared as it is (`matchable` is false).
- *stretched*: a flat picture whose bits hold against the rounding of its levels is looked up with the quality that it
  has once its contrast is stretched (decision 0099). If neither holds, it is not *compared*.
- *variants*: the eight PDQ hashes of a picture turned and mirrored, from one transform.
- *structure*: a second hash of the same pixels, of local steps (decision 0010); used to corroborate, never to find.
- *video*: its frames are hashed like pictures, one a second or the key frames (`Sampling`), each with its number and
  its time. As vPDQ they are exchanged in two texts (`vpdq`).
- *grounds*: what lies behind a picture with transparency; it is hashed as each of them shows it (`pixels.grounds`).
- *windows*: parts of a picture that are also hashed, of an upload or of a picture for a list.
- *second pass*: the picture as it may have been before it was turned, covered or put into a collage (`Level.SECOND`).
- *refused*: the file has no perceptual hash; a code from a closed list gives the reason, and a message explains it.
- *worker*: a caged process that decodes; *pool*: the workers of one program.

Guarantees
- The kernel is bit-exact with the reference `pdqhash` 0.2.8 on the same pixels. A JPEG, of which means
  of squares are hashed, stays within 10 bits of its full-resolution hash at quality 80 and above. `HASHER_ID` and
  `PRE_RESIZE` record the method.
- `hash_bytes` and `hash_file` never raise for the contents of a file; every file gets its digests if it can be read.
- A picture that exceeds a limit, crashes or hangs a decoder is refused alone; the next one is not affected.
- A worker decodes for one organisation, its *tenant*, and is replaced after 500 pictures.
- Clear media never touches a disk: bytes go to a worker through a socket and live in memory. A video in a file is read
  in place, through a descriptor of that file alone.
- The hashed frames of a video are those of the reference `vpdq`, within 10 bits at quality 80 and above. Packets that
  these frames do not need are not decoded.
- Data appended to a picture does not hide it: the picture is hashed without it, and a note counts the bytes.

    with HasherPool() as pool:
        answer = pool.hash_file("photo.jpg", tenant="our-house")
"""

from tutela.media.digests import Digester, Digests, digest_bytes, digest_stream
from tutela.media.limits import Level, Limits, Sampling, second_available
from tutela.media.pdq import HASHER_ID, MATCH_DISTANCE, MINIMUM_QUALITY, PRE_RESIZE, InvalidPdq, PdqHash
from tutela.media.results import Code, FrameHash, Hashed, Refused, Video, Window
from tutela.media.sandbox.pool import HasherPool

__all__ = [
    "HASHER_ID",
    "MATCH_DISTANCE",
    "MINIMUM_QUALITY",
    "PRE_RESIZE",
    "Code",
    "Digester",
    "Digests",
    "FrameHash",
    "Hashed",
    "HasherPool",
    "InvalidPdq",
    "Level",
    "Limits",
    "PdqHash",
    "Refused",
    "Sampling",
    "Video",
    "Window",
    "digest_bytes",
    "digest_stream",
    "second_available",
]
