-- Rounds of Agora: which trial belongs to which round, what each round did, and every example that was generated.

CREATE TABLE agora_trials (
    trial_id INTEGER PRIMARY KEY,
    experiment_id INTEGER NOT NULL,
    round INTEGER NOT NULL,
    set_id VARCHAR,
    parents INTEGER[] NOT NULL
);
COMMENT ON TABLE agora_trials IS 'Trials of Agora runs with their rounds';
COMMENT ON COLUMN agora_trials.round IS 'From 0, which trains on the data as given; a trial of the role augmentation makes the data of this round';
COMMENT ON COLUMN agora_trials.set_id IS 'The hyperparameter set: a hash of its values and seed; NULL for trials that make data';
COMMENT ON COLUMN agora_trials.parents IS 'Numbers of the best students of the rounds before: the data are made of their mistakes';

CREATE TABLE agora_rounds (
    experiment_id INTEGER NOT NULL,
    round INTEGER NOT NULL,
    sets VARCHAR[] NOT NULL,
    best_trial INTEGER,
    best_set VARCHAR,
    best_score DOUBLE,
    metric VARCHAR NOT NULL,
    dropped VARCHAR[],
    reading VARCHAR,
    PRIMARY KEY (experiment_id, round)
);
COMMENT ON TABLE agora_rounds IS 'What each round of an Agora run came to; the view agora_by_round adds its data and its times';
COMMENT ON COLUMN agora_rounds.sets IS 'Hyperparameter sets that are trained in the round';
COMMENT ON COLUMN agora_rounds.best_trial IS 'Number of its best student so far';
COMMENT ON COLUMN agora_rounds.best_score IS 'Score of that student by the metric that ranks them';
COMMENT ON COLUMN agora_rounds.metric IS 'The metric that ranks students, larger is better';
COMMENT ON COLUMN agora_rounds.dropped IS 'Sets that were dropped after the round; NULL before its end';
COMMENT ON COLUMN agora_rounds.reading IS 'How the step is read that drops sets; NULL where none is dropped';

CREATE TABLE agora_examples (
    experiment_id INTEGER NOT NULL,
    round INTEGER NOT NULL,
    position INTEGER NOT NULL,
    example VARCHAR NOT NULL,
    parent VARCHAR NOT NULL,
    transformation VARCHAR NOT NULL,
    original_text VARCHAR NOT NULL,
    original_pair VARCHAR,
    original_label VARCHAR,
    answered VARCHAR,
    text VARCHAR NOT NULL,
    pair VARCHAR,
    teacher_label VARCHAR,
    teacher_confidence DOUBLE,
    kept BOOLEAN NOT NULL,
    reason VARCHAR,
    student_label VARCHAR,
    student_confidence DOUBLE,
    after_label VARCHAR,
    after_confidence DOUBLE,
    PRIMARY KEY (experiment_id, round, position)
);
COMMENT ON TABLE agora_examples IS 'Every example that Agora runs generated, those that were left out included';
COMMENT ON COLUMN agora_examples.round IS 'The round whose training data it was made for, from 1';
COMMENT ON COLUMN agora_examples.position IS 'Place in the round, from 0; those that are kept come first';
COMMENT ON COLUMN agora_examples.example IS 'Its id, the same whenever the round is made again';
COMMENT ON COLUMN agora_examples.parent IS 'Id of the evaluation example that the best student of the round before got wrong';
COMMENT ON COLUMN agora_examples.original_text IS 'The text of that example, or the first of its pair';
COMMENT ON COLUMN agora_examples.original_label IS 'Its right label';
COMMENT ON COLUMN agora_examples.answered IS 'What the student said of it';
COMMENT ON COLUMN agora_examples.text IS 'The new text, or the first of the new pair';
COMMENT ON COLUMN agora_examples.teacher_label IS 'The label it is trained with; NULL where it was left out before the teacher was asked';
COMMENT ON COLUMN agora_examples.teacher_confidence IS 'Probability the teacher gives its label, 0 to 1; NULL for regressions';
COMMENT ON COLUMN agora_examples.kept IS 'Whether it was added to the training data';
COMMENT ON COLUMN agora_examples.reason IS 'Why it was left out: evaluation, training, duplicate, length, confidence, label or balance';
COMMENT ON COLUMN agora_examples.student_label IS 'What the student whose mistakes were taken says of it, before anything was trained on it';
COMMENT ON COLUMN agora_examples.after_label IS 'What the best student of the round says of it, after it was trained on it; NULL where no further round was made';

CREATE VIEW agora_by_round AS
SELECT
    experiments.name AS experiment,
    rounds.round,
    len(rounds.sets) AS sets_alive,
    rounds.sets,
    rounds.best_trial,
    rounds.best_set,
    rounds.best_score,
    rounds.metric,
    rounds.dropped,
    rounds.reading,
    made.number AS data_trial,
    facts.mistakes,
    facts.generated,
    facts.labelled,
    facts.asked,
    facts.accepted,
    facts.generation_seconds,
    facts.labelling_seconds,
    facts.encoding_seconds,
    facts.looking_seconds,
    epoch(made.finished_at - made.started_at) AS data_seconds,
    students.training_seconds
FROM agora_rounds AS rounds
JOIN experiments USING (experiment_id)
LEFT JOIN (
    SELECT trials.*, agora_trials.round FROM trials JOIN agora_trials USING (trial_id)
    WHERE role = 'augmentation' AND state = 'completed'
) AS made ON made.experiment_id = rounds.experiment_id AND made.round = rounds.round + 1
LEFT JOIN (
    SELECT
        trial_id,
        max(value) FILTER (name = 'mistakes')::INTEGER AS mistakes,
        max(value) FILTER (name = 'generated')::INTEGER AS generated,
        max(value) FILTER (name = 'labelled')::INTEGER AS labelled,
        max(value) FILTER (name = 'asked')::INTEGER AS asked,
        max(value) FILTER (name = 'accepted')::INTEGER AS accepted,
        max(value) FILTER (name = 'generation_seconds') AS generation_seconds,
        max(value) FILTER (name = 'labelling_seconds') AS labelling_seconds,
        max(value) FILTER (name = 'encoding_seconds') AS encoding_seconds,
        max(value) FILTER (name = 'looking_seconds') AS looking_seconds
    FROM trial_metrics JOIN agora_trials USING (trial_id)
    WHERE set_id IS NULL
    GROUP BY trial_id
) AS facts ON facts.trial_id = made.trial_id
LEFT JOIN (
    SELECT agora_trials.experiment_id, round, sum(epoch(finished_at - started_at)) AS training_seconds
    FROM agora_trials JOIN trials USING (trial_id)
    WHERE set_id IS NOT NULL
    GROUP BY ALL
) AS students ON students.experiment_id = rounds.experiment_id AND students.round = rounds.round;
COMMENT ON VIEW agora_by_round IS 'Rounds of Agora runs: sets still in, the best student, what its mistakes became for the next round, and times';
COMMENT ON COLUMN agora_by_round.data_trial IS 'Number of the trial that made the data of the next round of this one''s mistakes';
COMMENT ON COLUMN agora_by_round.asked IS 'Examples that the teacher was asked about; of the others its label was known';
COMMENT ON COLUMN agora_by_round.accepted IS 'Examples that were added to the training data';
COMMENT ON COLUMN agora_by_round.looking_seconds IS 'Time the student took to say what it thinks of the new examples';
COMMENT ON COLUMN agora_by_round.data_seconds IS 'Time the whole making of the data took, start of its process included';
COMMENT ON COLUMN agora_by_round.training_seconds IS 'What the students of the round took together';

CREATE VIEW agora_students AS
SELECT
    experiments.name AS experiment,
    agora_trials.round,
    agora_trials.set_id,
    trials.number AS trial,
    trials.state,
    scores.value AS score,
    trials.seed,
    trials.parameters,
    agora_trials.parents
FROM agora_trials
JOIN trials USING (trial_id)
JOIN experiments ON experiments.experiment_id = trials.experiment_id
LEFT JOIN agora_rounds AS rounds
    ON rounds.experiment_id = trials.experiment_id AND rounds.round = agora_trials.round
LEFT JOIN trial_metrics AS scores
    ON scores.trial_id = trials.trial_id AND scores.name = rounds.metric AND trials.state = 'completed'
WHERE agora_trials.set_id IS NOT NULL;
COMMENT ON VIEW agora_students IS 'Students of Agora runs: one of each hyperparameter set still in, in each round';
COMMENT ON COLUMN agora_students.score IS 'By the metric that ranks students; NULL before its end, or where it failed';
