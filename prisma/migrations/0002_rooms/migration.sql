-- Rooms with those who are invited, settings of group calls, and what people thought of calls.

-- Milliseconds, because lists go on from the instant that the last page ended with, and a page says milliseconds.
CREATE TABLE room (
  id               text PRIMARY KEY,
  resource_id      uuid NOT NULL REFERENCES resource (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  repeatability_id uuid,
  valid_from       timestamptz(3) NOT NULL,
  valid_until      timestamptz(3) NOT NULL,
  pstn_dial_out    boolean NOT NULL,
  lobby            boolean NOT NULL,
  created_at       timestamptz(3) NOT NULL
);

-- A request that is repeated meets the room that it made.
CREATE UNIQUE INDEX room_resource_id_repeatability_id_key ON room (resource_id, repeatability_id);
CREATE INDEX room_resource_id_created_at_id_idx ON room (resource_id, created_at, id);

CREATE TABLE room_participant (
  room_id text NOT NULL REFERENCES room (id) ON DELETE CASCADE ON UPDATE RESTRICT,
  user_id text NOT NULL,
  role    text NOT NULL,
  PRIMARY KEY (room_id, user_id)
);

CREATE TABLE group_settings (
  resource_id uuid NOT NULL REFERENCES resource (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  group_id    uuid NOT NULL,
  lobby       boolean NOT NULL,
  presenters  text[] NOT NULL,
  PRIMARY KEY (resource_id, group_id)
);

-- Without foreign keys, as calls are: many people say what they thought at once, when a large call ends.
CREATE TABLE survey (
  id          uuid PRIMARY KEY,
  resource_id uuid NOT NULL,
  call_id     uuid NOT NULL,
  user_id     text NOT NULL,
  leg_id      text NOT NULL,
  survey      jsonb NOT NULL,
  created_at  timestamptz(3) NOT NULL DEFAULT now()
);

CREATE INDEX survey_resource_id_created_at_id_idx ON survey (resource_id, created_at, id);
CREATE INDEX survey_call_id_created_at_id_idx ON survey (call_id, created_at, id);
