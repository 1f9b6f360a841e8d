-- The sorted space of an extraction: all of its architectures, whether they were trained or not.

CREATE TABLE extraction_candidates (
    experiment_id INTEGER NOT NULL,
    place INTEGER NOT NULL,
    architecture JSON NOT NULL,
    lemma_parameters BIGINT NOT NULL,
    lemma_operations BIGINT NOT NULL,
    chosen BOOLEAN NOT NULL,
    PRIMARY KEY (experiment_id, place)
);
COMMENT ON TABLE extraction_candidates IS 'Every legal architecture of an extraction, in the order it goes through them; the view extraction adds what trials found';
COMMENT ON COLUMN extraction_candidates.place IS 'Place in the order, from 0';
COMMENT ON COLUMN extraction_candidates.architecture IS 'Its parameters; architecture->>''$.n_layers'' reads one as text';
COMMENT ON COLUMN extraction_candidates.lemma_parameters IS 'Parameters of encoder, embeddings and pooler';
COMMENT ON COLUMN extraction_candidates.lemma_operations IS 'Operations of encoder and pooler for one input';
COMMENT ON COLUMN extraction_candidates.chosen IS 'Whether it is in the partition, and so is trained';

CREATE VIEW extraction AS
SELECT
    experiments.name AS experiment,
    candidates.place,
    candidates.architecture,
    candidates.lemma_parameters,
    candidates.lemma_operations,
    candidates.chosen,
    trials.number AS trial,
    trials.state,
    found.w,
    found.surrogate_error
FROM extraction_candidates AS candidates
JOIN experiments USING (experiment_id)
LEFT JOIN trials ON trials.experiment_id = candidates.experiment_id
    AND trials.role <> 'teacher'
    AND json_contains(trials.parameters, candidates.architecture)
LEFT JOIN (
    SELECT
        trial_id,
        max(value) FILTER (name = 'w') AS w,
        max(value) FILTER (name = 'surrogate_error') AS surrogate_error
    FROM trial_metrics
    WHERE name IN ('w', 'surrogate_error')
    GROUP BY trial_id
) AS found USING (trial_id);
COMMENT ON VIEW extraction IS 'Every architecture of every extraction with its W; one row per trial where it was trained with several hyperparameter sets';
COMMENT ON COLUMN extraction.w IS 'W-coefficient, larger is better; NULL where it was not trained';
