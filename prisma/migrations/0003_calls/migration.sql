-- Calls where people meet, and what a session's token allows.

-- A call of the time before is no call of today's shape: those that still ran ended with their server.
UPDATE call SET ended_at = now() WHERE ended_at IS NULL;
DELETE FROM effect;

-- What only one live call may have: two people who ring each other, or the place where people meet.
DROP INDEX call_pair_live;
ALTER TABLE call RENAME COLUMN pair TO claim;
CREATE UNIQUE INDEX call_claim_live ON call (resource_id, claim) WHERE claim IS NOT NULL AND ended_at IS NULL;

ALTER TABLE session ADD COLUMN may_start boolean NOT NULL DEFAULT true;
ALTER TABLE session ADD COLUMN may_use_plain_media boolean NOT NULL DEFAULT false;
