import type { Survey } from '@parley/protocol'
import { ofCall } from './feature.ts'

/** A rating as the official declarations have it; `score` counts from 1 to 5 where no scale says otherwise. */
type Rating = {
  score: number
  issues?: string[]
  scale?: { lowerBound: number; upperBound: number; lowScoreThreshold: number }
}
export type CallSurveyInput = {
  overallRating?: Rating
  audioRating?: Rating
  videoRating?: Rating
  screenshareRating?: Rating
}

/** ACS: CallSurvey. Works after the end of the call too; mostly then. */
export const CallSurvey = ofCall<{ submitSurvey: Submit }, object>('CallSurvey', (context) => ({
  submitSurvey: async (survey) => {
    const { overallRating, audioRating, videoRating, screenshareRating } = survey
    const body: Survey = { overallRating, audioRating, videoRating, screenshareRating }
    const { id } = await context.ask('call.survey', { survey: body })
    return { ...survey, id, callId: context.callId, localParticipantId: context.view()?.legId ?? '' }
  },
}))
type Submit = <S extends CallSurveyInput>(
  survey: S,
) => Promise<S & { readonly id: string; readonly callId: string; readonly localParticipantId: string }>
