-- Short addresses that show one view to somebody else.

CREATE TABLE links (
    link_id INTEGER PRIMARY KEY,
    salt VARCHAR NOT NULL,
    code_hash VARCHAR NOT NULL UNIQUE,
    page VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    note VARCHAR NOT NULL,
    query JSON NOT NULL,
    experiments VARCHAR[],
    frozen_at TIMESTAMP,
    creator VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP,
    revoked_at TIMESTAMP,
    revoked_by VARCHAR,
    uses INTEGER NOT NULL,
    last_used_at TIMESTAMP
);
COMMENT ON TABLE links IS 'Short addresses that show one view to somebody else';
COMMENT ON COLUMN links.salt IS 'What the code in the address is computed from, together with a secret file beside the database';
COMMENT ON COLUMN links.code_hash IS 'SHA-256 of the code in the address; the code itself is nowhere in the database';
COMMENT ON COLUMN links.page IS 'The page that draws the view';
COMMENT ON COLUMN links.note IS 'What its creator says about it; may be empty';
COMMENT ON COLUMN links.query IS 'What the address of the view says: each parameter with its list of values';
COMMENT ON COLUMN links.experiments IS 'Names of the experiments whose rows the view may read; NULL for a query, which may read all';
COMMENT ON COLUMN links.frozen_at IS 'When the data were copied for it, UTC; NULL for a live link';
COMMENT ON COLUMN links.expires_at IS 'UTC; NULL for never';
COMMENT ON COLUMN links.uses IS 'How often it was opened';
