/** What concerns all phone calls: draining and limits, and the records of calls. The doors are ours. */
import { Body, Controller, Get, Inject, Patch, Query } from '@nestjs/common'
import { ApiConsumes, ApiQuery } from '@nestjs/swagger'
import * as z from 'zod/mini'
import { AcsError } from '../acs-error.ts'
import { nextLink, pageOf, positionIn } from '../list-position.ts'
import { Describes, Refuses } from '../openapi.ts'
import { ownUser } from '../own-user.ts'
import { JsonBody } from '../raw-body.ts'
import { Signed } from '../signed-request.guard.ts'
import { PHONE_DOORS, type PhoneDoors } from './phone-doors.ts'
import {
  PhoneCallList,
  phoneCallModelOf,
  PhoneSettings,
  phoneSettingsOf,
  PhoneSettingsUpdate,
} from './phone-messages.ts'

const PhoneCallId = z.guid()

@Controller('phones')
@Signed()
export class PhonesController {
  constructor(@Inject(PHONE_DOORS) private readonly phones: PhoneDoors) {}

  @Get('settings')
  @Describes('Shows whether phones drain, and what one user may have', undefined, [200, PhoneSettings])
  async settings(): Promise<PhoneSettings> {
    return phoneSettingsOf(await this.phones.store.book(this.phones.resourceId))
  }

  @Patch('settings')
  @ApiConsumes('application/merge-patch+json')
  @Describes('Lets phones drain or not, and settles what one user may have', PhoneSettingsUpdate, [200, PhoneSettings])
  async settle(@Body(new JsonBody(PhoneSettingsUpdate)) body: PhoneSettingsUpdate): Promise<PhoneSettings> {
    const { store, resourceId, nodes } = this.phones
    const changed = await store.changeBook(resourceId, (book) => ({
      ...book,
      isDraining: body.draining ?? book.isDraining,
      perUser: {
        callsAtOnce: body.callsAtOncePerUser ?? book.perUser.callsAtOnce,
        callsPerMinute: body.callsPerMinutePerUser ?? book.perUser.callsPerMinute,
      },
    }))
    nodes.changed()
    return phoneSettingsOf(changed)
  }

  @Get('calls')
  @Refuses({ 400: 'A parameter is said twice, or cannot be read.' })
  @ApiQuery({ name: 'number', required: false, type: String, description: 'Those from and to one number' })
  @ApiQuery({ name: 'trunk', required: false, type: String, description: 'Those over one trunk' })
  @ApiQuery({ name: 'user', required: false, type: String, description: 'Those that one user dialled' })
  @ApiQuery({ name: 'after', required: false, type: String, description: 'Where a former page ended' })
  @Describes('Lists phone calls, the newest first', undefined, [200, PhoneCallList])
  async calls(@Query() query: Record<string, unknown>): Promise<PhoneCallList> {
    const { calls, resourceId, pageSize = 100 } = this.phones
    const asked = { number: one(query, 'number'), trunk: one(query, 'trunk'), user: one(query, 'user') }
    const { items, last } = pageOf(
      await calls.list(resourceId, pageSize + 1, {
        ...asked,
        user: asked.user === undefined ? undefined : ownUser(resourceId, asked.user),
        after: positionIn(query.after, PhoneCallId),
      }),
      pageSize,
    )
    const value = items.map(phoneCallModelOf)
    if (last === undefined) return { value }
    const said = Object.fromEntries(Object.entries(asked).filter(([, text]) => text !== undefined)) as Record<
      string,
      string
    >
    return { value, nextLink: nextLink('/phones/calls', { createdAt: last.beganAt, id: last.id }, said) }
  }
}

/** A parameter that is said once, or not at all. @throws AcsError 400 */
function one(query: Record<string, unknown>, name: string): string | undefined {
  const value = query[name]
  if (value === undefined || (typeof value === 'string' && value !== '')) return value
  throw new AcsError(400, 'BadRequest', `${name} must be said once, or not at all.`)
}
