-- What each trial used of the machine as it went on.

CREATE TABLE resources (
    trial_id INTEGER NOT NULL,
    ts TIMESTAMP NOT NULL,
    attempt INTEGER NOT NULL,
    cpu_percent DOUBLE,
    memory_mb DOUBLE,
    gpu_percent DOUBLE,
    gpu_memory_mb DOUBLE,
    PRIMARY KEY (trial_id, ts)
);
COMMENT ON TABLE resources IS 'What the processes of each trial used of the machine, one row for each look';
COMMENT ON COLUMN resources.ts IS 'When the trial looked, UTC';
COMMENT ON COLUMN resources.attempt IS 'Which start of the trial looked, from 1';
COMMENT ON COLUMN resources.cpu_percent IS 'Processor time since the look before, in percent of one core; 200 is two cores at work';
COMMENT ON COLUMN resources.memory_mb IS 'Memory in use, in megabytes (10^6 bytes)';
COMMENT ON COLUMN resources.gpu_percent IS 'How busy its graphics cards were; NULL without any';
COMMENT ON COLUMN resources.gpu_memory_mb IS 'Memory in use on its graphics cards, in megabytes; NULL without any';
