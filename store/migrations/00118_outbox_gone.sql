-- Up to which number events may be missing: whoever reads on from before is told. What was
-- removed until now is not known by its number: all that is not there any more is taken
-- for it.

-- +goose Up
ALTER TABLE outbox_head ADD COLUMN gone BIGINT NOT NULL DEFAULT 0; -- seq of the last event that is not kept any more
UPDATE outbox_head
SET gone = COALESCE((SELECT MIN(outbox.seq) - 1 FROM outbox), outbox_head.seq)
WHERE EXISTS (SELECT 1 FROM purges WHERE what = 'events for programs');

-- +goose Down
ALTER TABLE outbox_head DROP COLUMN gone;
