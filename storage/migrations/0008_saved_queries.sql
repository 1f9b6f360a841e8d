-- Queries that people keep, and those they ran last.

CREATE TABLE saved_queries (
    name VARCHAR PRIMARY KEY,
    sql VARCHAR NOT NULL,
    parameters JSON NOT NULL,
    chart JSON NOT NULL,
    saved_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE saved_queries IS 'Queries that somebody gave a name';
COMMENT ON COLUMN saved_queries.parameters IS 'One object for each $name in the query: name, kind (number or text) and the value it was saved with';
COMMENT ON COLUMN saved_queries.chart IS 'How the result is drawn: kind, x, y and colour; empty when it is shown as a table';
COMMENT ON COLUMN saved_queries.saved_at IS 'When it was saved last, UTC';

CREATE TABLE query_history (
    entry BIGINT PRIMARY KEY,
    sql VARCHAR NOT NULL,
    parameters JSON NOT NULL,
    ran_at TIMESTAMP NOT NULL,
    seconds DOUBLE NOT NULL,
    result_rows BIGINT,
    error VARCHAR
);
COMMENT ON TABLE query_history IS 'The queries that were run last on the SQL page, the same query once';
COMMENT ON COLUMN query_history.parameters IS 'As in saved_queries';
COMMENT ON COLUMN query_history.ran_at IS 'UTC';
COMMENT ON COLUMN query_history.seconds IS 'How long it took';
COMMENT ON COLUMN query_history.result_rows IS 'Rows of its result within the limits; NULL when it failed';
COMMENT ON COLUMN query_history.error IS 'Why it failed';
