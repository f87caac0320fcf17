/**
 * The SQL of calls. A step is written by one statement, so in one round trip and one commit: the row and its effects
 * together. Times go in and out as milliseconds since 1970; what is compared with "now" is compared in the database.
 */
import type { Statement } from './database.ts'

const statement = (name: string, text: string): Statement => ({ name: `call.${name}`, text })

/** Milliseconds of a timestamptz. The cast keeps the driver from giving a string. */
const ms = (instant: string): string => `(extract(epoch FROM ${instant}) * 1000)::float8`
const instant = (ms: string): string => `to_timestamp(${ms}::float8 / 1000)`

/** $1: steps as a JSON array, one parameter whatever their number; the fields are those of StepRow. */
const asked = `asked AS MATERIALIZED (
  SELECT * FROM json_to_recordset($1::json) AS step (
    id uuid, version int, state json, resource_id uuid, kind text, media_node text, claim text,
    sessions text[], ringing text[], next_deadline float8, opened_at float8, ended_at float8, effects json)
)`

/** $2: who carries the effects out first. $3: for how many milliseconds. */
const insertEffectsOf = (written: string): string => `
  INSERT INTO effect (call_id, version, n, body, expires_at, lease_by, lease_until)
  SELECT asked.id, asked.version, entry.place - 1, entry.body, ${instant(`(entry.body->>'expiresAt')`)},
         $2, now() + $3::float8 * interval '1 millisecond'
  FROM ${written} JOIN asked USING (id), json_array_elements(asked.effects) WITH ORDINALITY AS entry (body, place)`

export const statements = {
  now: statement('now', `SELECT ${ms('clock_timestamp()')} AS now`),

  load: statement('load', 'SELECT state FROM call WHERE id = $1'),

  /** Gives no row when the id or the claim is taken. A claim that is being inserted by another is waited for. */
  open: statement(
    'open',
    `WITH ${asked}, opened AS (
       INSERT INTO call (id, version, state, resource_id, kind, media_node, claim, sessions, ringing,
                         next_deadline, opened_at, ended_at)
       SELECT id, version, state, resource_id, kind, media_node, claim, sessions, ringing,
              ${instant('next_deadline')}, ${instant('opened_at')}, ${instant('ended_at')}
       FROM asked
       ON CONFLICT DO NOTHING
       RETURNING id
     ), effects AS (${insertEffectsOf('opened')})
     SELECT id FROM opened`,
  ),

  inTheWay: statement(
    'inTheWay',
    `SELECT id FROM call
     WHERE id = $1 OR (resource_id = $2 AND claim = $3 AND claim IS NOT NULL AND ended_at IS NULL)`,
  ),

  /**
   * Gives the ids whose version before was there. The rows are locked in the order of their ids first: two processes
   * that step the same calls would otherwise wait for each other.
   */
  commit: statement(
    'commit',
    `WITH ${asked}, locked AS MATERIALIZED (
       SELECT call.id FROM call JOIN asked ON call.id = asked.id AND call.version = asked.version - 1
       ORDER BY call.id FOR UPDATE OF call
     ), stepped AS (
       UPDATE call
       SET version = asked.version, state = asked.state, media_node = asked.media_node, claim = asked.claim,
           sessions = asked.sessions, ringing = asked.ringing,
           next_deadline = ${instant('asked.next_deadline')}, ended_at = ${instant('asked.ended_at')}
       FROM locked JOIN asked USING (id)
       WHERE call.id = locked.id
       RETURNING call.id
     ), effects AS (${insertEffectsOf('stepped')})
     SELECT id FROM stepped`,
  ),

  forget: statement(
    'forget',
    `DELETE FROM effect USING unnest($1::uuid[], $2::int[], $3::int[]) AS done (call_id, version, n)
     WHERE (effect.call_id, effect.version, effect.n) = (done.call_id, done.version, done.n)`,
  ),

  /** Those that another node is just taking are skipped: it has them. */
  takeOver: statement(
    'takeOver',
    `WITH taken AS (
       UPDATE effect SET lease_by = $1, lease_until = now() + $3::float8 * interval '1 millisecond'
       WHERE (call_id, version, n) IN (
         SELECT call_id, version, n FROM effect WHERE lease_until <= now()
         ORDER BY lease_until, call_id, version, n LIMIT $2 FOR UPDATE SKIP LOCKED)
       RETURNING call_id, version, n, body
     )
     SELECT call_id, version, n, body FROM taken ORDER BY call_id, version, n`,
  ),

  overdue: statement(
    'overdue',
    'SELECT id FROM call WHERE ended_at IS NULL AND next_deadline <= now() ORDER BY next_deadline LIMIT $1',
  ),

  nextDeadline: statement(
    'nextDeadline',
    `SELECT ${ms('min(next_deadline)')} AS next FROM call WHERE ended_at IS NULL AND next_deadline IS NOT NULL`,
  ),

  byClaim: statement(
    'byClaim',
    'SELECT id FROM call WHERE ended_at IS NULL AND resource_id = $1 AND claim = $2 AND claim IS NOT NULL',
  ),

  ofSession: statement('ofSession', 'SELECT state FROM call WHERE ended_at IS NULL AND sessions @> ARRAY[$1::text]'),

  ringingFor: statement('ringingFor', 'SELECT id FROM call WHERE ended_at IS NULL AND ringing @> ARRAY[$1::text]'),

  onNode: statement('onNode', 'SELECT state FROM call WHERE ended_at IS NULL AND media_node = $1'),

  withPhones: statement(
    'withPhones',
    `SELECT state FROM call WHERE ended_at IS NULL AND state::jsonb @? '$.legs[*].phone'`,
  ),

  notOnNodes: statement(
    'notOnNodes',
    'SELECT state FROM call WHERE ended_at IS NULL AND media_node <> ALL($1::text[])',
  ),
}
