-- What the models behind a suggestion were fitted to and found.

ALTER TABLE suggestions ADD COLUMN model JSON;
COMMENT ON COLUMN suggestions.model IS 'Models behind the suggestion: trials they saw, known metrics, length scales and noise of the learned ones';
