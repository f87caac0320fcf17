/** What people thought of calls, in PostgreSQL. */
import { randomUUID } from 'node:crypto'
import { CallId, EpochMs, LegId, ResourceId, Survey, UserId } from '@parley/protocol'
import type { KeptSurvey, NewSurvey, SurveyPosition, SurveyStore } from '../rest/surveys/survey-store.ts'
import type { Database } from './database.ts'
import type { Prisma, Survey as SurveyRow } from './generated/client.ts'

export class PostgresSurveyStore implements SurveyStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async keep({ user, ...survey }: NewSurvey): Promise<string> {
    const data = { ...survey, id: randomUUID(), userId: user }
    return (await this.#database.prisma(({ survey }) => survey.create({ data, select: { id: true } }))).id
  }

  async list(
    resourceId: ResourceId,
    most: number,
    { callId, after }: { callId?: CallId | undefined; after?: SurveyPosition | undefined },
  ): Promise<KeptSurvey[]> {
    const where = {
      resourceId,
      ...(callId === undefined ? {} : { callId }),
      ...(after === undefined ? {} : olderThan(after)),
    }
    const rows = await this.#database.prisma(({ survey }) =>
      survey.findMany({ where, orderBy: [{ createdAt: 'desc' }, { id: 'desc' }], take: most }),
    )
    return rows.map(surveyOf)
  }
}

function surveyOf(row: SurveyRow): KeptSurvey {
  return {
    id: row.id,
    resourceId: ResourceId.parse(row.resourceId),
    callId: CallId.parse(row.callId),
    user: UserId.parse(row.userId),
    legId: LegId.parse(row.legId),
    survey: Survey.parse(row.survey),
    createdAt: EpochMs.parse(row.createdAt.getTime()),
  }
}

function olderThan({ createdAt, id }: SurveyPosition): Prisma.SurveyWhereInput {
  const at = new Date(createdAt)
  return { OR: [{ createdAt: { lt: at } }, { createdAt: at, id: { lt: id } }] }
}
