-- The journal: entries, and the rows that belong to them. Rows are only ever added. An entry comes after its rows,
-- because it has their digest; `check` looks whether each row has its entry.
CREATE TABLE entry (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,               -- RFC 3339, UTC
    who TEXT NOT NULL,
    why TEXT NOT NULL,
    kind TEXT NOT NULL,             -- the kind of event
    body TEXT NOT NULL,             -- the event, JSON
    row_count INTEGER NOT NULL,     -- how many rows of item, change and listing belong to it
    rows_digest BLOB NOT NULL,      -- SHA-256 of these rows
    previous BLOB NOT NULL,         -- hash of the entry before; zeros for the first
    hash BLOB NOT NULL
) STRICT;

CREATE TABLE item (
    id INTEGER PRIMARY KEY,
    entry INTEGER NOT NULL,
    area INTEGER NOT NULL,
    batch TEXT NOT NULL,
    material INTEGER NOT NULL,
    form TEXT NOT NULL,
    irradiation INTEGER NOT NULL,
    purpose INTEGER NOT NULL,
    UNIQUE (area, batch, material)
) STRICT;

CREATE TABLE change (
    id INTEGER PRIMARY KEY,
    entry INTEGER NOT NULL,
    item INTEGER NOT NULL REFERENCES item,
    day INTEGER NOT NULL,           -- days since 1970-01-01
    code TEXT NOT NULL,
    element_mg INTEGER NOT NULL,
    isotope_mg INTEGER NOT NULL,
    pieces INTEGER NOT NULL,
    other TEXT,                     -- from or to which area or State
    corrects INTEGER REFERENCES change
) STRICT;
CREATE INDEX change_entry ON change (entry);
CREATE INDEX change_item ON change (item);
CREATE UNIQUE INDEX change_corrects ON change (corrects) WHERE corrects IS NOT NULL;

CREATE TABLE listing (
    id INTEGER PRIMARY KEY,
    entry INTEGER NOT NULL,
    item INTEGER NOT NULL REFERENCES item,
    element_mg INTEGER NOT NULL,
    isotope_mg INTEGER NOT NULL,
    pieces INTEGER NOT NULL,
    UNIQUE (entry, item)
) STRICT;

-- Where things stand: the fold of the journal. `check` makes it again and compares.
CREATE TABLE record (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    entry INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE area (
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    site TEXT NOT NULL
) STRICT;

CREATE TABLE holding (
    item INTEGER PRIMARY KEY REFERENCES item,
    area INTEGER NOT NULL,
    material INTEGER NOT NULL,
    irradiation INTEGER NOT NULL,
    purpose INTEGER NOT NULL,
    category INTEGER NOT NULL,
    element_mg INTEGER NOT NULL,
    isotope_mg INTEGER NOT NULL,
    pieces INTEGER NOT NULL
) STRICT;

CREATE TRIGGER entry_stays BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'the journal is never rewritten'); END;
CREATE TRIGGER entry_remains BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'the journal is never rewritten'); END;
CREATE TRIGGER item_stays BEFORE UPDATE ON item BEGIN SELECT RAISE(ABORT, 'the journal is never rewritten'); END;
CREATE TRIGGER item_remains BEFORE DELETE ON item BEGIN SELECT RAISE(ABORT, 'the journal is never rewritten'); END;
CREATE TRIGGER change_stays BEFORE UPDATE ON change BEGIN SELECT RAISE(ABORT, 'the journal is never rewritten'); END;
CREATE TRIGGER change_remains BEFORE DELETE ON change BEGIN SELECT RAISE(ABORT, 'the journal is never rewritten'); END;
CREATE TRIGGER listing_stays BEFORE UPDATE ON listing BEGIN SELECT RAISE(ABORT, 'the journal is never rewritten'); END;
CREATE TRIGGER listing_remains BEFORE DELETE ON listing BEGIN SELECT RAISE(ABORT, 'the journal is never rewritten'); END;
