/** What people thought of calls: kept by the socket door, read by operators. */
import type { CallId, EpochMs, LegId, ResourceId, Survey, UserId } from '@parley/protocol'

/** What someone says of a call that he was in. */
export type NewSurvey = { resourceId: ResourceId; callId: CallId; user: UserId; legId: LegId; survey: Survey }

export type KeptSurvey = NewSurvey & { id: string; createdAt: EpochMs }

/** After which survey a list goes on. */
export type SurveyPosition = { createdAt: EpochMs; id: string }

export interface SurveyStore {
  /** Gives the id that it was kept under. */
  keep(survey: NewSurvey): Promise<string>
  /** At most `most` surveys, the newest first; those of one call when it is named. */
  list(
    resourceId: ResourceId,
    most: number,
    from: { callId?: CallId | undefined; after?: SurveyPosition | undefined },
  ): Promise<KeptSurvey[]>
}
