CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE device (
  id INTEGER PRIMARY KEY, label TEXT NOT NULL UNIQUE, path TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('folder', 'image')),
  listed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE list (
  id INTEGER PRIMARY KEY, role TEXT NOT NULL CHECK (role IN ('known', 'elsewhere', 'ignorable')), name TEXT NOT NULL,
  version TEXT NOT NULL, sha256 TEXT NOT NULL, entries INTEGER NOT NULL, excluded INTEGER NOT NULL
) STRICT;
-- Only of lists that say more of an entry than its hashes.
CREATE TABLE list_entry (
  list INTEGER NOT NULL REFERENCES list, entry BLOB NOT NULL, category TEXT NOT NULL, series TEXT NOT NULL, photodna BLOB,
  PRIMARY KEY (list, entry)
) STRICT, WITHOUT ROWID;
CREATE TABLE area (
  id INTEGER PRIMARY KEY, device INTEGER NOT NULL REFERENCES device, path TEXT NOT NULL, code TEXT NOT NULL,
  size INTEGER NOT NULL
) STRICT;
CREATE TABLE file (
  id INTEGER PRIMARY KEY, device INTEGER NOT NULL REFERENCES device, path TEXT NOT NULL, locator BLOB NOT NULL,
  size INTEGER NOT NULL, modified INTEGER, created INTEGER, deleted INTEGER NOT NULL, outside TEXT NOT NULL,
  rank INTEGER NOT NULL, done INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX file_pending ON file (id) WHERE done = 0 AND outside = '';
CREATE INDEX file_quick ON file (rank, size, id) WHERE done = 0 AND outside = '';
CREATE TABLE quick (
  file INTEGER PRIMARY KEY REFERENCES file, sha256 TEXT NOT NULL, class TEXT NOT NULL, category TEXT NOT NULL
) STRICT;
CREATE TABLE item (
  id INTEGER PRIMARY KEY, file INTEGER NOT NULL REFERENCES file, name TEXT NOT NULL, size INTEGER NOT NULL,
  md5 TEXT NOT NULL, sha1 TEXT NOT NULL, sha256 TEXT NOT NULL, kind TEXT NOT NULL, format TEXT NOT NULL,
  width INTEGER NOT NULL, height INTEGER NOT NULL, pdq BLOB, quality INTEGER, frames INTEGER NOT NULL,
  make TEXT NOT NULL, model TEXT NOT NULL, serial TEXT NOT NULL, taken TEXT NOT NULL, native INTEGER NOT NULL,
  class TEXT NOT NULL, category TEXT NOT NULL, series TEXT NOT NULL, matches TEXT NOT NULL, conflict INTEGER NOT NULL,
  not_examined TEXT NOT NULL, signs TEXT NOT NULL DEFAULT '[]', score INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX item_sha256 ON item (sha256);
CREATE INDEX item_md5 ON item (md5);
CREATE INDEX item_sha1 ON item (sha1);
CREATE INDEX item_file ON item (file);
CREATE INDEX item_order ON item (class, score DESC, id);
CREATE INDEX item_camera ON item (serial, taken) WHERE serial <> '';
CREATE TABLE supplied_photodna (sha256 TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE withdrawn (
  sha256 TEXT NOT NULL, list INTEGER NOT NULL REFERENCES list, at TEXT NOT NULL, PRIMARY KEY (sha256, list)
) STRICT, WITHOUT ROWID;
-- Grades are rows that are never changed: an undo, a second view and a decision each add one.
CREATE TABLE grade (
  id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, person TEXT NOT NULL, step TEXT NOT NULL
    CHECK (step IN ('grade', 'undo', 'decide')), value TEXT NOT NULL, authenticity TEXT NOT NULL,
  origin TEXT NOT NULL, at TEXT NOT NULL
) STRICT;
CREATE INDEX grade_item ON grade (sha256, id);
CREATE TABLE viewing (
  id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, person TEXT NOT NULL, seconds REAL NOT NULL, at TEXT NOT NULL
) STRICT;
CREATE TABLE violence (sha256 TEXT PRIMARY KEY, person TEXT NOT NULL, at TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE outcome (id INTEGER PRIMARY KEY, note TEXT NOT NULL, at TEXT NOT NULL) STRICT;
-- Grades that their person did not undo.
CREATE VIEW standing AS SELECT sha256, person FROM grade WHERE step = 'grade' AND NOT EXISTS (
  SELECT 1 FROM grade AS later WHERE later.sha256 = grade.sha256 AND later.person = grade.person AND later.step = 'undo'
    AND later.id > grade.id
);
