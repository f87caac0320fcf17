/** What people thought of calls, for the operator. The door is ours: ACS hands surveys to its own monitoring. */
import { Controller, Get, Inject, Query } from '@nestjs/common'
import { ApiQuery } from '@nestjs/swagger'
import { CallId } from '@parley/protocol'
import { AcsError } from '../acs-error.ts'
import { nextLink, positionIn } from '../list-position.ts'
import { Describes } from '../openapi.ts'
import { Signed } from '../signed-request.guard.ts'
import { SurveyList, surveyModelOf } from './survey-messages.ts'
import { SurveyId, Surveys } from './surveys.ts'

@Controller('surveys')
@Signed()
export class SurveysController {
  constructor(@Inject(Surveys) private readonly surveys: Surveys) {}

  @Get()
  @ApiQuery({ name: 'callId', required: false, type: String, description: 'Those of one call' })
  @ApiQuery({ name: 'after', required: false, type: String, description: 'Where a former page ended' })
  @Describes('Lists surveys, the newest first', undefined, [200, SurveyList])
  async list(@Query('callId') rawCallId?: string, @Query('after') after?: string): Promise<SurveyList> {
    const callId = rawCallId === undefined ? undefined : readCallId(rawCallId)
    const { items, last } = await this.surveys.list({ callId, after: positionIn(after, SurveyId) })
    const value = items.map(surveyModelOf)
    if (last === undefined) return { value }
    return { value, nextLink: nextLink('/surveys', last, callId === undefined ? {} : { callId }) }
  }
}

function readCallId(rawCallId: string): CallId {
  const read = CallId.safeParse(rawCallId)
  if (!read.success) throw new AcsError(400, 'BadRequest', 'callId is no id of a call.')
  return read.data
}
