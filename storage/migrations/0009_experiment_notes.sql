-- What people say about experiments.

CREATE TABLE experiment_notes (
    experiment_id INTEGER PRIMARY KEY,
    tags VARCHAR[] NOT NULL,
    note VARCHAR NOT NULL,
    archived_at TIMESTAMP
);
COMMENT ON TABLE experiment_notes IS 'Tags and notes of experiments, and which are archived; experiments without any have no row';
COMMENT ON COLUMN experiment_notes.tags IS 'Words to find it by, as in list_contains(tags, ''paper'')';
COMMENT ON COLUMN experiment_notes.archived_at IS 'When it was put away, UTC; NULL while it is in the list';
