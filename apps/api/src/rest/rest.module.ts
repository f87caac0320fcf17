/**
 * The HTTP doors: ACS's identity, rooms and SIP routing APIs for server apps, with those of ours beside them, the demo's
 * doors, those for operators, and the pages. Controllers are thin; the thought is in plain classes, made here out of
 * ready parts. What concerns every request (raw bodies, error form, origins, headers, limits) is in configureRest.
 */
import { Module, type DynamicModule } from '@nestjs/common'
import { APP_FILTER } from '@nestjs/core'
import type { SigningKeys, Tokens } from '@parley/identity'
import type { ResourceId } from '@parley/protocol'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { GroupStore } from '../rooms/group-store.ts'
import type { RoomChanges } from '../rooms/room-changes.ts'
import type { RoomStore } from '../rooms/room-store.ts'
import type { Settings } from '../settings.ts'
import type { TokenCheck } from '../agents/token-check.ts'
import { AcsErrorFilter } from './acs-error.filter.ts'
import { Demo } from './demo/demo.ts'
import { DemoController } from './demo/demo.controller.ts'
import type { People } from './demo/people.ts'
import { Groups } from './groups/groups.ts'
import { GroupsController } from './groups/groups.controller.ts'
import { HEALTH_PARTS, type HealthParts } from './health/health-parts.ts'
import { HealthController } from './health/health.controller.ts'
import { MetricsReaders } from './health/metrics.guard.ts'
import type { ReadinessCheck } from './health/readiness.ts'
import { Identities } from './identities/identities.ts'
import { IdentitiesController } from './identities/identities.controller.ts'
import type { IdentityStore } from './identities/identity-store.ts'
import type { TokensVoid } from './identities/tokens-void.ts'
import { OUR_ORIGINS } from './origins.ts'
import { NumbersController } from './phones/numbers.controller.ts'
import { Numbers } from './phones/numbers.ts'
import { PHONE_DOORS, type PhoneDoors } from './phones/phone-doors.ts'
import { PhonesController } from './phones/phones.controller.ts'
import { SipController } from './phones/sip.controller.ts'
import { SipRouting } from './phones/sip-routing.ts'
import { TrunksController } from './phones/trunks.controller.ts'
import { Trunks } from './phones/trunks.ts'
import { Rooms } from './rooms/rooms.ts'
import { RoomsController } from './rooms/rooms.controller.ts'
import { Signatures } from './signed-request.guard.ts'
import { Surveys } from './surveys/surveys.ts'
import { SurveysController } from './surveys/surveys.controller.ts'
import type { SurveyStore } from './surveys/survey-store.ts'

export type RestParts = {
  settings: Settings
  resourceId: ResourceId
  /** Primary first. */
  accessKeys: readonly Uint8Array[]
  signingKeys: SigningKeys
  tokens: Tokens
  tokenCheck: TokenCheck
  identityStore: IdentityStore
  tokensVoid: TokensVoid
  roomStore: RoomStore
  roomChanges: RoomChanges
  groupStore: GroupStore
  surveyStore: SurveyStore
  phones: PhoneDoors
  people: People
  checks: readonly ReadinessCheck[]
  metrics: Registry
  log: Logger
  /** Milliseconds since 1970, by the clock that signed requests are held to. */
  now: () => number
}

@Module({})
export class RestModule {
  static register(parts: RestParts): DynamicModule {
    const {
      settings,
      resourceId,
      accessKeys,
      tokens,
      identityStore: store,
      tokensVoid,
      tokenCheck,
      people,
      now,
    } = parts
    const identities = new Identities({ resourceId, tokens, store, tokensVoid })
    const signatures = new Signatures({ accessKeys, now })
    const rooms = new Rooms({ resourceId, store: parts.roomStore, changes: parts.roomChanges, now })
    const healthParts: HealthParts = parts
    return {
      module: RestModule,
      controllers: [
        IdentitiesController,
        RoomsController,
        GroupsController,
        SurveysController,
        SipController,
        TrunksController,
        NumbersController,
        PhonesController,
        HealthController,
        ...(settings.isDemoOn ? [DemoController] : []),
      ],
      providers: [
        { provide: APP_FILTER, useValue: new AcsErrorFilter(parts.log) },
        { provide: Signatures, useValue: signatures },
        { provide: MetricsReaders, useValue: new MetricsReaders({ accessKeys, signatures }) },
        { provide: OUR_ORIGINS, useValue: settings },
        { provide: Identities, useValue: identities },
        { provide: Rooms, useValue: rooms },
        { provide: Groups, useValue: new Groups({ resourceId, store: parts.groupStore }) },
        { provide: Surveys, useValue: new Surveys({ resourceId, store: parts.surveyStore }) },
        { provide: SipRouting, useValue: new SipRouting(parts.phones) },
        { provide: Trunks, useValue: new Trunks(parts.phones) },
        { provide: Numbers, useValue: new Numbers(parts.phones) },
        { provide: PHONE_DOORS, useValue: parts.phones },
        { provide: Demo, useValue: new Demo({ identities, tokenCheck, people }) },
        { provide: HEALTH_PARTS, useValue: healthParts },
      ],
    }
  }
}
