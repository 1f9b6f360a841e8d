-- Losses beside the teacher's and the labels': matching of hidden states and attention, and masked language modelling.

ALTER TABLE steps ADD COLUMN cosine_loss DOUBLE;
ALTER TABLE steps ADD COLUMN hidden_loss DOUBLE;
ALTER TABLE steps ADD COLUMN attention_loss DOUBLE;
COMMENT ON COLUMN steps.loss IS 'What is minimised, the weighted sum of the others; NULL where it was not a finite number';
COMMENT ON COLUMN steps.cosine_loss IS 'One minus the cosine between last hidden states of student and teacher; NULL where it has no weight';
COMMENT ON COLUMN steps.hidden_loss IS 'Distance of hidden states, layer by layer; NULL where it has no weight';
COMMENT ON COLUMN steps.attention_loss IS 'Distance of attention maps, layer by layer; NULL where it has no weight';
