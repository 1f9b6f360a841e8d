-- Trials that were stopped early because they would not have reached the frontier.

CREATE TABLE early_stops (
    trial_id INTEGER NOT NULL,
    stop INTEGER NOT NULL,
    share DOUBLE NOT NULL,
    chance DOUBLE NOT NULL,
    curves INTEGER NOT NULL,
    reason VARCHAR NOT NULL,
    forecast JSON NOT NULL,
    decided_at TIMESTAMP NOT NULL,
    resumed_at TIMESTAMP,
    resumed_by VARCHAR,
    resumed_because VARCHAR,
    PRIMARY KEY (trial_id, stop)
);
COMMENT ON TABLE early_stops IS 'One row for each time a trial was stopped because it would not have reached the frontier';
COMMENT ON COLUMN early_stops.stop IS 'Counts the early stops of a trial, from 1; a trial that was resumed may be stopped again';
COMMENT ON COLUMN early_stops.share IS 'Share of its training that was done, 0 to 1';
COMMENT ON COLUMN early_stops.chance IS 'Probability of reaching the frontier when it was stopped';
COMMENT ON COLUMN early_stops.curves IS 'Completed trials that the forecast was learned from';
COMMENT ON COLUMN early_stops.forecast IS 'Metrics expected at the end, each with mean and standard deviation; brought up to date while the trial stays stopped';
COMMENT ON COLUMN early_stops.resumed_at IS 'When it was queued again, UTC; NULL while it stays stopped';
COMMENT ON COLUMN early_stops.resumed_by IS 'runner, or person; a trial that a person resumed is not stopped early again';
COMMENT ON COLUMN early_stops.resumed_because IS 'Why the runner resumed it';
