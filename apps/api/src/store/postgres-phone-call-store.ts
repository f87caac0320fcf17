/** Records of phone calls in PostgreSQL, by which they are counted as well. */
import { randomUUID } from 'node:crypto'
import { CallId, EpochMs, LegId, PhoneNumber, ReasonName, ResourceId, UserId } from '@parley/protocol'
import { Queues } from '../calls/call-queue.ts'
import type { CallsCounted, CallsInUse } from '../phones/dialling.ts'
import type {
  NewPhoneCall,
  PhoneCall,
  PhoneCallChange,
  PhoneCallPosition,
  PhoneCallStore,
} from '../phones/phone-store.ts'
import type { Database, Statement } from './database.ts'
import type { PhoneCall as CallRow, Prisma } from './generated/client.ts'

/**
 * A record that ends is not written again: what comes late is about a call that is over. That it was answered is the one
 * thing that may be on its way still, over another connection, when it ends.
 */
const change: Statement = {
  name: 'phoneCall.change',
  text: `UPDATE phone_call SET
           trunk = CASE WHEN ended_at IS NULL THEN coalesce($2, trunk) ELSE trunk END,
           answered_at = CASE WHEN $3::boolean THEN coalesce(answered_at, ended_at, now()) ELSE answered_at END,
           ended_at = CASE WHEN ended_at IS NULL AND $4::text IS NOT NULL THEN now() ELSE ended_at END,
           reason = CASE WHEN ended_at IS NULL THEN $4 ELSE reason END,
           sip_status = CASE WHEN ended_at IS NULL THEN $5 ELSE sip_status END
         WHERE leg_id = $1 AND (ended_at IS NULL OR $3::boolean)`,
}

/** Once, however often it is noted. */
const goOn: Statement = {
  name: 'phoneCall.goOn',
  text: `INSERT INTO phone_call
           (id, resource_id, call_id, leg_id, direction, user_id, from_number, to_number, trunk, answered_at)
         SELECT $2, resource_id, $3, $4, direction, user_id, from_number, to_number, trunk, now()
         FROM phone_call WHERE leg_id = $1
         ON CONFLICT (leg_id) DO NOTHING`,
}

export class PostgresPhoneCallStore implements PhoneCallStore {
  readonly #database: Database
  /** Calls of one resource wait for each other here, so that no more than one of them waits with a connection. */
  readonly #queues = new Queues<ResourceId>()

  constructor(database: Database) {
    this.#database = database
  }

  async begin(
    resourceId: ResourceId,
    user: UserId | undefined,
    decide: (inUse: CallsInUse) => NewPhoneCall | undefined,
  ): Promise<void> {
    await this.#queues.run(resourceId, () =>
      this.#database.prisma((client) =>
        client.$transaction(async (tx) => {
          await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('phone_call ' || ${resourceId}, 0))`
          const begun = decide(await countIn(tx, resourceId, user))
          if (begun !== undefined) await tx.phoneCall.create({ data: columnsOf(begun) })
        }),
      ),
    )
  }

  async change(legId: LegId, { trunk, isAnswered = false, end }: PhoneCallChange): Promise<void> {
    await this.#database.query(change, [legId, trunk ?? null, isAnswered, end?.reason ?? null, end?.sipStatus ?? null])
  }

  async goOn(from: LegId, { callId, legId }: Pick<NewPhoneCall, 'callId' | 'legId'>): Promise<void> {
    await this.#database.query(goOn, [from, randomUUID(), callId, legId])
  }

  async ownNumberIn(callId: CallId): Promise<PhoneNumber | undefined> {
    const latest = await this.#database.prisma(({ phoneCall }) =>
      phoneCall.findFirst({ where: { callId }, orderBy: { beganAt: 'desc' } }),
    )
    const read = PhoneNumber.safeParse(latest?.direction === 'out' ? latest.from : latest?.to)
    return read.success ? read.data : undefined
  }

  async isOverTrunk(legId: LegId): Promise<boolean> {
    const over = await this.#database.prisma(({ phoneCall }) =>
      phoneCall.count({ where: { legId, trunk: { not: null } } }),
    )
    return over > 0
  }

  async forget(legId: LegId): Promise<void> {
    await this.#database.prisma(({ phoneCall }) => phoneCall.deleteMany({ where: { legId } }))
  }

  async list(
    resourceId: ResourceId,
    most: number,
    { number, trunk, user, after }: Parameters<PhoneCallStore['list']>[2],
  ): Promise<PhoneCall[]> {
    const where: Prisma.PhoneCallWhereInput = {
      resourceId,
      ...(trunk === undefined ? {} : { trunk }),
      ...(user === undefined ? {} : { userId: user }),
      AND: [
        ...(number === undefined ? [] : [{ OR: [{ from: number }, { to: number }] }]),
        ...(after === undefined ? [] : [olderThan(after)]),
      ],
    }
    const rows = await this.#database.prisma(({ phoneCall }) =>
      phoneCall.findMany({ where, orderBy: [{ beganAt: 'desc' }, { id: 'desc' }], take: most }),
    )
    return rows.map(phoneCallOf)
  }
}

type Counts = { trunk: string | null; live: number; lastMinute: number; userLive: number; userLastMinute: number }

/**
 * What goes on now. A call that nobody answered within five minutes has ended without our hearing of it, and one that is
 * a day old is taken for such: a record that was lost must not bar its user for ever.
 */
async function countIn(tx: Prisma.TransactionClient, resourceId: ResourceId, user?: UserId): Promise<CallsInUse> {
  const rows = await tx.$queryRaw<Counts[]>`
    SELECT trunk,
           count(*) FILTER (WHERE is_live)::int AS "live",
           count(*) FILTER (WHERE is_young)::int AS "lastMinute",
           count(*) FILTER (WHERE is_live AND is_his)::int AS "userLive",
           count(*) FILTER (WHERE is_young AND is_his)::int AS "userLastMinute"
    FROM (SELECT trunk,
                 ended_at IS NULL AND (answered_at IS NOT NULL OR began_at > now() - interval '5 minutes') AS is_live,
                 began_at > now() - interval '1 minute' AS is_young,
                 user_id = ${user ?? null} AS is_his
          FROM phone_call
          WHERE resource_id = ${resourceId}::uuid
            AND (ended_at IS NULL AND began_at > now() - interval '1 day' OR began_at > now() - interval '1 minute')
         ) AS running
    GROUP BY trunk`
  const byTrunk = new Map<string, CallsCounted>()
  const byUser = { atOnce: 0, lastMinute: 0 }
  for (const { trunk, live, lastMinute, userLive, userLastMinute } of rows) {
    if (trunk !== null) byTrunk.set(trunk, { atOnce: live, lastMinute })
    byUser.atOnce += userLive
    byUser.lastMinute += userLastMinute
  }
  return { byTrunk, byUser }
}

function columnsOf({ user, ...call }: NewPhoneCall): Prisma.PhoneCallCreateInput {
  return { ...call, id: randomUUID(), ...(user === undefined ? {} : { userId: user }) }
}

function phoneCallOf(row: CallRow): PhoneCall {
  const instant = (date: Date) => EpochMs.parse(date.getTime())
  return {
    id: row.id,
    resourceId: ResourceId.parse(row.resourceId),
    callId: CallId.parse(row.callId),
    legId: LegId.parse(row.legId),
    direction: row.direction === 'in' ? 'in' : 'out',
    to: row.to,
    beganAt: instant(row.beganAt),
    ...(row.userId === null ? {} : { user: UserId.parse(row.userId) }),
    ...(row.from === null ? {} : { from: row.from }),
    ...(row.trunk === null ? {} : { trunk: row.trunk }),
    ...(row.answeredAt === null ? {} : { answeredAt: instant(row.answeredAt) }),
    ...(row.endedAt === null ? {} : { endedAt: instant(row.endedAt) }),
    ...(row.reason === null ? {} : { reason: ReasonName.parse(row.reason) }),
    ...(row.sipStatus === null ? {} : { sipStatus: row.sipStatus }),
  }
}

function olderThan({ createdAt, id }: PhoneCallPosition): Prisma.PhoneCallWhereInput {
  const at = new Date(createdAt)
  return { OR: [{ beganAt: { lt: at } }, { beganAt: at, id: { lt: id } }] }
}
