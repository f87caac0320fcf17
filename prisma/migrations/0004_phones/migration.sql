-- The phone network: what is settled about it, the numbers of a resource, and the records of phone calls.

-- One row a resource, changed as a whole: routes name trunks, so that neither can be checked without the other.
CREATE TABLE phone_book (
  resource_id uuid PRIMARY KEY REFERENCES resource (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  book        jsonb NOT NULL
);

CREATE TABLE phone_number (
  resource_id uuid NOT NULL REFERENCES resource (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  number      text NOT NULL,
  target      jsonb,
  trunks      text[] NOT NULL,
  created_at  timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (resource_id, number)
);

-- Without foreign keys, as calls are.
CREATE TABLE phone_call (
  id          uuid PRIMARY KEY,
  resource_id uuid NOT NULL,
  call_id     uuid NOT NULL,
  leg_id      text NOT NULL,
  direction   text NOT NULL,
  user_id     text,
  from_number text,
  to_number   text NOT NULL,
  trunk       text,
  began_at    timestamptz(3) NOT NULL DEFAULT now(),
  answered_at timestamptz(3),
  ended_at    timestamptz(3),
  reason      text,
  sip_status  integer
);

CREATE UNIQUE INDEX phone_call_leg_id_key ON phone_call (leg_id);
CREATE INDEX phone_call_resource_id_began_at_id_idx ON phone_call (resource_id, began_at, id);
-- What is counted before a call is allowed: those that run.
CREATE INDEX phone_call_live ON phone_call (resource_id) WHERE ended_at IS NULL;
