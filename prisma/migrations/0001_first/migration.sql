-- Resources, identities, sessions, calls and their effects.

CREATE TABLE resource (
  id         uuid PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE identity (
  user_id     text PRIMARY KEY,
  resource_id uuid NOT NULL REFERENCES resource (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  token_epoch integer NOT NULL DEFAULT 0,
  created_at  timestamptz NOT NULL DEFAULT now(),
  deleted_at  timestamptz
);

-- Sessions, calls and effects refer to other rows without foreign keys: each insertion would lock the one row of the
-- resource in common with all others that run, and what they refer to is never deleted.

CREATE TABLE session (
  id           text PRIMARY KEY,
  key_hash     text NOT NULL,
  resource_id  uuid NOT NULL,
  user_id      text NOT NULL,
  display_name text,
  device       text NOT NULL,
  node         text,
  token_epoch  integer NOT NULL,
  lost_until   timestamptz,
  opened_at    timestamptz NOT NULL DEFAULT now(),
  closed_at    timestamptz
);

-- Indexes hold what is live, so that they stay small and what has ended costs nothing but its room.
CREATE INDEX session_user_id_live ON session (user_id) WHERE closed_at IS NULL;
CREATE INDEX session_node_live ON session (node, lost_until) WHERE closed_at IS NULL;

CREATE TABLE call (
  id            uuid PRIMARY KEY,
  resource_id   uuid NOT NULL,
  kind          text NOT NULL,
  version       integer NOT NULL,
  state         jsonb NOT NULL,
  media_node    text NOT NULL,
  pair          text,
  sessions      text[] NOT NULL,
  ringing       text[] NOT NULL,
  next_deadline timestamptz,
  opened_at     timestamptz NOT NULL,
  ended_at      timestamptz
)
-- Room on each page for the next versions of its rows: a change that no index sees stays on its page.
WITH (fillfactor = 70);

-- Two people who call each other at once meet here: only one of the two calls can be opened.
CREATE UNIQUE INDEX call_pair_live ON call (resource_id, pair) WHERE pair IS NOT NULL AND ended_at IS NULL;
CREATE INDEX call_next_deadline_live ON call (next_deadline) WHERE ended_at IS NULL;
CREATE INDEX call_media_node_live ON call (media_node) WHERE ended_at IS NULL;
-- Without fastupdate: its list of pending entries would be read through at every lookup.
CREATE INDEX call_sessions_live ON call USING gin (sessions) WITH (fastupdate = off) WHERE ended_at IS NULL;
CREATE INDEX call_ringing_live ON call USING gin (ringing) WITH (fastupdate = off) WHERE ended_at IS NULL;

CREATE TABLE effect (
  call_id     uuid NOT NULL,
  version     integer NOT NULL,
  n           integer NOT NULL,
  body        jsonb NOT NULL,
  expires_at  timestamptz,
  lease_by    text NOT NULL,
  lease_until timestamptz NOT NULL,
  PRIMARY KEY (call_id, version, n)
)
-- Rows live for a fraction of a second: what they leave behind is swept early and often.
WITH (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 0);

CREATE INDEX effect_lease_until_idx ON effect (lease_until);
