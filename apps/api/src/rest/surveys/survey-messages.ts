/** What the door of surveys answers with. */
import { Survey } from '@parley/protocol'
import * as z from 'zod/mini'
import type { KeptSurvey } from './survey-store.ts'

export const SurveyModel = z.object({
  id: z.string(),
  callId: z.string(),
  /** Who says it. */
  rawId: z.string(),
  /** At which of his endpoints (ACS: participantId). */
  participantId: z.string(),
  survey: Survey,
  createdAt: z.iso.datetime(),
})
export type SurveyModel = z.infer<typeof SurveyModel>

export const SurveyList = z.object({ value: z.array(SurveyModel), nextLink: z.optional(z.string()) })
export type SurveyList = z.infer<typeof SurveyList>

export function surveyModelOf({ id, callId, user, legId, survey, createdAt }: KeptSurvey): SurveyModel {
  return { id, callId, rawId: user, participantId: legId, survey, createdAt: new Date(createdAt).toISOString() }
}
