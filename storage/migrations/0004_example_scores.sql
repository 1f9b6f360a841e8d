-- Metrics example by example, for paired comparisons of trials. There is no primary key: its index would be larger
-- than the rows; a trial's rows are written at once and replaced at once.

CREATE TABLE example_scores (
    trial_id INTEGER NOT NULL,
    metric VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    example VARCHAR NOT NULL,
    value FLOAT NOT NULL,
    weight FLOAT NOT NULL
);
COMMENT ON TABLE example_scores IS 'What each evaluation example added to a metric that is a mean over examples, one row per trial, metric and example';
COMMENT ON COLUMN example_scores.position IS 'Order of the examples, from 0; the same in all trials of an experiment';
COMMENT ON COLUMN example_scores.example IS 'Id of the example, or of the question whose answers are scored together';
COMMENT ON COLUMN example_scores.value IS 'From 0 to 1 for metrics in percent (1 is right for exact and accuracy), else in the unit of the metric';
COMMENT ON COLUMN example_scores.weight IS 'How much it counts in the mean: 1, or how many answers or tokens it stands for';
