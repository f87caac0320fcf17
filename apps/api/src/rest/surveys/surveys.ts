/** The surveys of one resource, page by page. */
import type { CallId, ResourceId } from '@parley/protocol'
import * as z from 'zod/mini'
import { pageOf, type Page } from '../list-position.ts'
import type { KeptSurvey, SurveyPosition, SurveyStore } from './survey-store.ts'

export const SurveyId = z.guid()

export type SurveyParts = {
  resourceId: ResourceId
  store: Pick<SurveyStore, 'list'>
  /** How many surveys a list shows at once. */
  pageSize?: number
}

export class Surveys {
  constructor(private readonly parts: SurveyParts) {}

  /** The newest first. */
  async list(from: { callId: CallId | undefined; after: SurveyPosition | undefined }): Promise<Page<KeptSurvey>> {
    const { resourceId, store, pageSize = 100 } = this.parts
    return pageOf(await store.list(resourceId, pageSize + 1, from), pageSize)
  }
}
