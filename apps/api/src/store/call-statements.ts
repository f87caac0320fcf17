/**
 * The SQL of calls. A step is one statement, so one round trip and one commit: the row and its effects together.
 * Times go in and out as milliseconds since 1970; what is compared with "now" is compared in the database.
 */
import type { Statement } from './database.ts'

const statement = (name: string, text: string): Statement => ({ name: `call.${name}`, text })

/** Milliseconds of a timestamptz. The cast keeps the driver from giving a string. */
const ms = (instant: string): string => `(extract(epoch FROM ${instant}) * 1000)::float8`
const instant = (ms: string): string => `to_timestamp(${ms}::float8 / 1000)`

/** $10: the effects as a JSON array. $11: who carries them out first. $12: for how many milliseconds. */
const insertEffectsOf = (changed: string): string => `
  INSERT INTO effect (call_id, version, n, body, expires_at, lease_by, lease_until)
  SELECT ${changed}.id, $2, entry.place - 1, entry.body, ${instant(`(entry.body->>'expiresAt')`)},
         $11, now() + $12::float8 * interval '1 millisecond'
  FROM ${changed}, jsonb_array_elements($10::jsonb) WITH ORDINALITY AS entry (body, place)`

export const statements = {
  now: statement('now', `SELECT ${ms('clock_timestamp()')} AS now`),

  load: statement('load', 'SELECT state FROM call WHERE id = $1'),

  /** Gives no row when the id or the pair is taken. A pair that is being inserted by another is waited for. */
  open: statement(
    'open',
    `WITH opened AS (
       INSERT INTO call (id, version, state, media_node, pair, sessions, ringing, next_deadline, ended_at,
                         resource_id, kind, opened_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, ${instant('$8')}, ${instant('$9')}, $13, $14, ${instant('$15')})
       ON CONFLICT DO NOTHING
       RETURNING id
     ), effects AS (${insertEffectsOf('opened')})
     SELECT id FROM opened`,
  ),

  inTheWay: statement(
    'inTheWay',
    `SELECT id FROM call
     WHERE id = $1 OR (resource_id = $2 AND pair = $3 AND pair IS NOT NULL AND ended_at IS NULL)`,
  ),

  /** Gives no row when the version before is not there. */
  commit: statement(
    'commit',
    `WITH stepped AS (
       UPDATE call
       SET version = $2, state = $3, media_node = $4, pair = $5, sessions = $6, ringing = $7,
           next_deadline = ${instant('$8')}, ended_at = ${instant('$9')}
       WHERE id = $1 AND version = $2 - 1
       RETURNING id
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

  ofSession: statement('ofSession', 'SELECT state FROM call WHERE ended_at IS NULL AND sessions @> ARRAY[$1::text]'),

  ringingFor: statement('ringingFor', 'SELECT id FROM call WHERE ended_at IS NULL AND ringing @> ARRAY[$1::text]'),

  onNode: statement('onNode', 'SELECT state FROM call WHERE ended_at IS NULL AND media_node = $1'),

  notOnNodes: statement(
    'notOnNodes',
    'SELECT state FROM call WHERE ended_at IS NULL AND media_node <> ALL($1::text[])',
  ),
}
