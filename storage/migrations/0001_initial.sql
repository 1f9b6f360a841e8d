-- The first schema. Times are UTC in TIMESTAMP columns. There are no foreign keys: they would block later
-- ALTER TABLE migrations, and every row is written by the one process that owns the file.

CREATE TABLE experiments (
    experiment_id INTEGER PRIMARY KEY,
    name VARCHAR NOT NULL UNIQUE,
    state VARCHAR NOT NULL,
    reason VARCHAR,
    task VARCHAR NOT NULL,
    strategy VARCHAR NOT NULL,
    budget_trials INTEGER NOT NULL,
    spec JSON NOT NULL,
    spec_toml VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL,
    started_at TIMESTAMP,
    finished_at TIMESTAMP
);
COMMENT ON TABLE experiments IS 'One row per launched study. Each also has a view named after it, with one row per trial';
COMMENT ON COLUMN experiments.name IS 'Lower case, words joined by hyphens; its view has underscores instead';
COMMENT ON COLUMN experiments.reason IS 'Why the experiment is in its present state';
COMMENT ON COLUMN experiments.budget_trials IS 'How many student trials the experiment may run';
COMMENT ON COLUMN experiments.spec IS 'The full specification with every default filled in';
COMMENT ON COLUMN experiments.spec_toml IS 'The specification as it was written';
COMMENT ON COLUMN experiments.started_at IS 'First time it ran, UTC';
COMMENT ON COLUMN experiments.finished_at IS 'When it reached its end, UTC; NULL while it may still go on';

CREATE TABLE experiment_columns (
    experiment_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    source VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    type VARCHAR NOT NULL,
    column_name VARCHAR NOT NULL,
    PRIMARY KEY (experiment_id, source, name)
);
COMMENT ON TABLE experiment_columns IS 'Which parameters and metrics the view of each experiment shows, and under which column names';
COMMENT ON COLUMN experiment_columns.position IS 'Order of the columns in the view, from 1';
COMMENT ON COLUMN experiment_columns.source IS 'parameter or metric';
COMMENT ON COLUMN experiment_columns.type IS 'float, integer or text';
COMMENT ON COLUMN experiment_columns.column_name IS 'Equals name, with _parameter or _metric added where that name was taken';

CREATE TABLE trials (
    trial_id INTEGER PRIMARY KEY,
    experiment_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    role VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    reason VARCHAR,
    error VARCHAR,
    requested VARCHAR,
    parameters JSON NOT NULL,
    seed BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    on_frontier BOOLEAN NOT NULL,
    progress DOUBLE NOT NULL,
    progress_message VARCHAR,
    folder VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL,
    started_at TIMESTAMP,
    finished_at TIMESTAMP,
    UNIQUE (experiment_id, number)
);
COMMENT ON TABLE trials IS 'One row per training of one configuration';
COMMENT ON COLUMN trials.number IS 'Counts within the experiment: 0 prepares the teacher, 1 is the baseline, then the students';
COMMENT ON COLUMN trials.role IS 'teacher, baseline or student';
COMMENT ON COLUMN trials.reason IS 'Why the trial is in its present state';
COMMENT ON COLUMN trials.error IS 'The full error of a failed trial';
COMMENT ON COLUMN trials.requested IS 'What a person asked of the running trial and has not happened yet: stop or pause';
COMMENT ON COLUMN trials.parameters IS 'The configuration; parameters->>''$.name'' reads one as text';
COMMENT ON COLUMN trials.attempts IS 'How often it was started';
COMMENT ON COLUMN trials.on_frontier IS 'Meets every threshold, and no other such trial dominates it';
COMMENT ON COLUMN trials.progress IS 'Share of the work done, 0 to 1';
COMMENT ON COLUMN trials.folder IS 'Where its files are, relative to the home folder';
COMMENT ON COLUMN trials.started_at IS 'Start of the first attempt, UTC';
COMMENT ON COLUMN trials.finished_at IS 'When it reached its end, UTC; NULL while it may still go on';

CREATE TABLE trial_metrics (
    trial_id INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    value DOUBLE NOT NULL,
    standard_error DOUBLE,
    PRIMARY KEY (trial_id, name)
);
COMMENT ON TABLE trial_metrics IS 'Final metrics of finished trials';
COMMENT ON COLUMN trial_metrics.standard_error IS 'Of the value, in its own unit; NULL for exact figures such as sizes';

CREATE TABLE steps (
    trial_id INTEGER NOT NULL,
    step BIGINT NOT NULL,
    epoch DOUBLE,
    loss DOUBLE,
    soft_loss DOUBLE,
    hard_loss DOUBLE,
    learning_rate DOUBLE,
    examples_per_second DOUBLE,
    ts TIMESTAMP NOT NULL,
    PRIMARY KEY (trial_id, step)
);
COMMENT ON TABLE steps IS 'Learning curves. A resumed trial writes the steps after its checkpoint again; the last writing counts';
COMMENT ON COLUMN steps.step IS 'Optimiser steps done';
COMMENT ON COLUMN steps.epoch IS 'Passes over the training data, fractional';
COMMENT ON COLUMN steps.loss IS 'alpha * soft_loss + (1 - alpha) * hard_loss; NULL where it was not a finite number';
COMMENT ON COLUMN steps.soft_loss IS 'Loss against the teacher';
COMMENT ON COLUMN steps.hard_loss IS 'Loss against the labels';
COMMENT ON COLUMN steps.ts IS 'When the trial wrote it, UTC';

CREATE TABLE evaluations (
    trial_id INTEGER NOT NULL,
    step BIGINT NOT NULL,
    name VARCHAR NOT NULL,
    value DOUBLE,
    standard_error DOUBLE,
    ts TIMESTAMP NOT NULL,
    PRIMARY KEY (trial_id, step, name)
);
COMMENT ON TABLE evaluations IS 'Metrics measured during training';
COMMENT ON COLUMN evaluations.name IS 'Name of the metric';
COMMENT ON COLUMN evaluations.value IS 'NULL where it was not a finite number';

CREATE TABLE events (
    trial_id INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    ts TIMESTAMP,
    attempt INTEGER,
    kind VARCHAR NOT NULL,
    body JSON NOT NULL,
    PRIMARY KEY (trial_id, seq)
);
COMMENT ON TABLE events IS 'Every line a trial wrote about itself';
COMMENT ON COLUMN events.seq IS 'Number of the line, from 1. Unreadable lines without a number have minus their byte offset minus 1';
COMMENT ON COLUMN events.attempt IS 'Which start of the trial wrote it, from 1';
COMMENT ON COLUMN events.kind IS 'started, progress, step, evaluation, checkpoint, finished, failed, stopped; malformed for unreadable lines';
COMMENT ON COLUMN events.body IS 'Everything else the line says';

CREATE TABLE suggestions (
    experiment_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    strategy VARCHAR NOT NULL,
    acquisition_value DOUBLE,
    predicted JSON,
    seconds DOUBLE,
    note VARCHAR,
    ts TIMESTAMP NOT NULL,
    PRIMARY KEY (experiment_id, number)
);
COMMENT ON TABLE suggestions IS 'Why each trial was chosen, in the words of the strategy that chose it';
COMMENT ON COLUMN suggestions.number IS 'Number of the trial within its experiment';
COMMENT ON COLUMN suggestions.strategy IS 'The strategy, or the part of it, that made this suggestion';
COMMENT ON COLUMN suggestions.predicted IS 'Metrics the strategy expected of the trial before it ran';
COMMENT ON COLUMN suggestions.seconds IS 'How long the suggestion took to compute';

CREATE TABLE ingest_offsets (
    trial_id INTEGER PRIMARY KEY,
    byte_offset BIGINT NOT NULL,
    last_seq BIGINT NOT NULL
);
COMMENT ON TABLE ingest_offsets IS 'How far the events file of each trial has been read';
COMMENT ON COLUMN ingest_offsets.byte_offset IS 'Bytes of complete lines read so far';
COMMENT ON COLUMN ingest_offsets.last_seq IS 'Highest event number read so far';
