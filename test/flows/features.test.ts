/** What people do in a call beside talking: each feature on every side, in one room in which they all are. */
import { beforeAll, describe, expect, it } from '@jest/globals'
import type { Hands } from '../support/page/desk.ts'
import type { Person } from '../support/person.ts'
import { allHearExactly, roomMeets } from '../support/situations.ts'
import { setStage } from '../support/stage.ts'
import { until } from '../support/until.ts'

const roleForbids = { code: 403, subCode: 0 }
const nobodyThere = { code: 404 }

const stage = setStage({}, { leaveAfter: 'all' })
let roomId: string
let ann: Person
let bob: Person
let cat: Person
let dan: Person
let all: Person[]

beforeAll(async () => {
  const room = await roomMeets(stage, { ann: 'Presenter', bob: 'Attendee', cat: 'Attendee', dan: 'Consumer' })
  roomId = room.roomId
  ;({ ann, bob, cat, dan } = room.here)
  all = [ann, bob, cat, dan]
}, 60_000)

describe('RaiseHand', () => {
  const raises = ({ call, sdk }: Hands) => call.feature(sdk.Features.RaiseHand).raiseHand()
  const lowers = ({ call, sdk }: Hands) => call.feature(sdk.Features.RaiseHand).lowerHand()
  const lowersAll = ({ call, sdk }: Hands) => call.feature(sdk.Features.RaiseHand).lowerAllHands()
  const lowersHandOf = ({ call, sdk }: Hands, id: string) =>
    call.feature(sdk.Features.RaiseHand).lowerHands([{ communicationUserId: id }])

  /** What everybody was told so far. */
  const told: unknown[] = []

  async function allSeeHands(...expected: string[]): Promise<void> {
    for (const one of all) {
      await sees(one, 'raised hands', expected, ({ call, sdk }) =>
        call
          .feature(sdk.Features.RaiseHand)
          .getRaisedHands()
          .map(({ identifier, order }) => ({ identifier, order })),
      )
    }
  }

  it('everybody is told who raised and who lowered his hand, and reads whose are up, in order', async () => {
    for (const one of all) {
      await one.does(({ call, sdk, tell }) => {
        const hands = call.feature(sdk.Features.RaiseHand)
        hands.on('raisedHandEvent', ({ identifier }) => tell('hand', { up: identifier }))
        hands.on('loweredHandEvent', ({ identifier }) => tell('hand', { down: identifier }))
      })
    }
    await bob.does(raises)
    await cat.does(raises)
    await bob.does(raises) // once more is no news
    await allSeeHands('bob 1', 'cat 2')
    await expect(bob.does(lowersHandOf, cat.id)).rejects.toMatchObject(roleForbids)
    await expect(dan.does(raises)).rejects.toMatchObject(roleForbids)
    await ann.does(lowersHandOf, bob.id)
    await allSeeHands('cat 1')
    await cat.does(lowers)
    await cat.does(lowers)
    await allSeeHands()
    told.push({ up: who(bob) }, { up: who(cat) }, { down: who(bob) }, { down: who(cat) })
    for (const one of all) await one.isToldAll('hand', told)
  })

  it('who comes later sees them, who leaves lowers his own, and lowerAllHands() lowers all of them', async () => {
    for (const one of [cat, bob, ann]) await one.does(raises)
    await allSeeHands('cat 1', 'bob 2', 'ann 3')
    await cat.hangsUp()
    await ann.isToldAll('hand', [...told, { up: who(cat) }, { up: who(bob) }, { up: who(ann) }, { down: who(cat) }])
    await cat.joins({ roomId })
    await cat.seesPeople(ann, bob, dan)
    await allSeeHands('bob 1', 'ann 2')
    await expect(bob.does(lowersAll)).rejects.toMatchObject(roleForbids)
    await ann.does(lowersAll)
    await allSeeHands()
  })
})

describe('Spotlight', () => {
  type Ids = string[] | undefined
  const turnsOn = ({ call, sdk }: Hands, ids: Ids) =>
    call.feature(sdk.Features.Spotlight).startSpotlight(ids?.map((communicationUserId) => ({ communicationUserId })))
  const turnsOff = ({ call, sdk }: Hands, ids: Ids) =>
    call.feature(sdk.Features.Spotlight).stopSpotlight(ids?.map((communicationUserId) => ({ communicationUserId })))

  async function allSeeSpotlit(...expected: string[]): Promise<void> {
    for (const one of all) {
      await sees(one, 'spotlit people', expected, ({ call, sdk }) =>
        call.feature(sdk.Features.Spotlight).getSpotlightedParticipants(),
      )
    }
  }

  it('a Presenter turns it on and off others, who may leave it themselves; everybody is told', async () => {
    for (const one of all) {
      await one.does(({ call, sdk, tell }) => {
        call.feature(sdk.Features.Spotlight).on('spotlightChanged', ({ added, removed }) => {
          tell('spotlight', { added, removed })
        })
      })
    }
    expect(await ann.does(({ call, sdk }) => call.feature(sdk.Features.Spotlight).maxParticipantsToSpotlight)).toBe(7)
    await ann.does(turnsOn, [bob.id])
    await allSeeSpotlit('bob 1')
    await ann.does(turnsOn, [bob.id, cat.id])
    await allSeeSpotlit('bob 1', 'cat 2')
    await expect(bob.does(turnsOn, [bob.id])).rejects.toMatchObject(roleForbids)
    await expect(bob.does(turnsOff, [cat.id])).rejects.toMatchObject(roleForbids)
    await expect(ann.does(turnsOn, [bob.id.replace(/.$/, 'x')])).rejects.toMatchObject(nobodyThere)
    await bob.does(turnsOff, undefined)
    await allSeeSpotlit('cat 1')
    await ann.does(turnsOn, undefined)
    await allSeeSpotlit('cat 1', 'ann 2')
    await ann.does(({ call, sdk }) => call.feature(sdk.Features.Spotlight).stopAllSpotlight())
    await allSeeSpotlit()
    const at = (one: Person, order: number) => ({ identifier: who(one), order })
    for (const one of all) {
      await one.isToldAll('spotlight', [
        { added: [at(bob, 1)], removed: [] },
        { added: [at(cat, 2)], removed: [] },
        { added: [], removed: [{ identifier: who(bob) }] },
        { added: [at(ann, 2)], removed: [] },
        { added: [], removed: [{ identifier: who(cat) }, { identifier: who(ann) }] },
      ])
    }
  })
})

describe('Reaction', () => {
  it('each kind reaches everybody, the sender as well, in order; a Consumer may, and another kind is none', async () => {
    for (const one of all) {
      await one.does(({ call, sdk, tell }) => {
        call.feature(sdk.Features.Reaction).on('reaction', ({ identifier, reactionMessage }) => {
          tell('reaction', { identifier, type: reactionMessage.reactionType })
        })
      })
    }
    const reacts = ({ call, sdk }: Hands, reactionType: 'like' | 'heart' | 'laugh' | 'surprised' | 'applause') =>
      call.feature(sdk.Features.Reaction).sendReaction({ reactionType })
    const told: unknown[] = []
    for (const [from, type] of [
      [bob, 'like'],
      [cat, 'heart'],
      [bob, 'laugh'],
      [ann, 'surprised'],
      [dan, 'applause'],
    ] as const) {
      await from.does(reacts, type)
      told.push({ identifier: who(from), type })
    }
    for (const one of all) await one.isToldAll('reaction', told)
    // An app without types may ask for anything.
    await expect(bob.does(reacts, 'yawn' as 'like')).rejects.toMatchObject({ code: 400 })
  })
})

describe('MediaAccess', () => {
  it('who is forbidden to speak is muted and stays so until he is permitted; both sides are told', async () => {
    await Promise.all([ann, bob, cat].map(watchesAccess))
    await ann.does(({ call, sdk }, id) => {
      return call.feature(sdk.Features.MediaAccess).forbidAudio([{ communicationUserId: id }])
    }, bob.id)
    await Promise.all([ann.sees(bob, { isMuted: true }), cat.sees(bob, { isMuted: true }), ann.hearsNot(bob)])
    expect(await bob.isMuted()).toBe(true)
    await expect(bob.unmutes()).rejects.toMatchObject({ code: 400, subCode: 41016 })
    await bob.isToldOf(
      'capability',
      isSame(['MeetingOptionOrOrganizerPolicyChanged', 'unmuteMic', 'MeetingRestricted']),
    )
    for (const one of [ann, cat]) await one.isToldOf('access', isSame([{ of: who(bob), audio: false, video: true }]))

    await ann.does(({ call, sdk }, id) => {
      return call.feature(sdk.Features.MediaAccess).permitAudio([{ communicationUserId: id }])
    }, bob.id)
    await bob.isToldOf('capability', isSame(['MeetingOptionOrOrganizerPolicyChanged', 'unmuteMic', 'Capable']))
    // He speaks again when he wants to.
    expect(await bob.isMuted()).toBe(true)
    await bob.unmutes()
    await allHearExactly(all, [ann, bob, cat])
  })

  it('forbidOthersVideo() turns the cameras of all but Presenters off; an Attendee forbids nothing', async () => {
    await Promise.all([ann.turnsCameraOn(), bob.turnsCameraOn()])
    await Promise.all([cat.seesPictures(bob, 'Video'), cat.seesPictures(ann, 'Video')])
    const forbids = ({ call, sdk }: Hands) => call.feature(sdk.Features.MediaAccess).forbidOthersVideo()
    await expect(bob.does(forbids)).rejects.toMatchObject(roleForbids)
    await ann.does(forbids)
    await Promise.all([cat.seesPictures(bob), cat.seesPictures(ann, 'Video')])
    expect(await bob.does(({ call }) => call.isLocalVideoStarted)).toBe(false)
    await expect(bob.turnsCameraOn()).rejects.toMatchObject(roleForbids)
    await ann.isToldOf('meeting access', isSame({ isAudioPermitted: true, isVideoPermitted: false }))
    expect(await accessSeenBy(ann)).toEqual(['bob may speak', 'cat may speak', 'dan may speak'])

    await ann.does(({ call, sdk }) => call.feature(sdk.Features.MediaAccess).permitOthersVideo())
    await bob.isToldOf('capability', isSame(['MeetingOptionOrOrganizerPolicyChanged', 'turnVideoOn', 'Capable']))
    await bob.turnsCameraOn()
    await cat.seesPictures(bob, 'Video')
    await ann.isToldOf('meeting access', isSame({ isAudioPermitted: true, isVideoPermitted: true }))
    await Promise.all([ann.turnsCameraOff(), bob.turnsCameraOff()])
  })

  function watchesAccess(person: Person): Promise<void> {
    return person.does(({ call, sdk, tell }) => {
      const access = call.feature(sdk.Features.MediaAccess)
      access.on('mediaAccessChanged', ({ mediaAccesses }) => {
        const lacking = mediaAccesses.filter((one) => !one.isAudioPermitted || !one.isVideoPermitted)
        tell(
          'access',
          lacking.map((one) => ({ of: one.participant, audio: one.isAudioPermitted, video: one.isVideoPermitted })),
        )
      })
      access.on('meetingMediaAccessChanged', ({ meetingMediaAccess }) => tell('meeting access', meetingMediaAccess))
      call.feature(sdk.Features.Capabilities).on('capabilitiesChanged', ({ newValue, reason }) => {
        for (const [name, value] of Object.entries(newValue)) tell('capability', [reason, name, value.reason])
      })
    })
  }

  async function accessSeenBy(person: Person): Promise<string[]> {
    const seen = await person.does(({ call, sdk }) => call.feature(sdk.Features.MediaAccess).getAllOthersMediaAccess())
    return seen
      .map(({ participant, isAudioPermitted, isVideoPermitted }) => {
        const may = [...(isAudioPermitted ? ['speak'] : []), ...(isVideoPermitted ? ['be seen'] : [])]
        return `${nameOf(participant)} may ${may.join(' and ')}`
      })
      .toSorted()
  }
})

describe('Capabilities', () => {
  const present = ({ call, sdk }: Hands) =>
    Object.entries(call.feature(sdk.Features.Capabilities).capabilities)
      .filter(([, { isPresent }]) => isPresent)
      .map(([name]) => name)
      .toSorted()

  it('are all there from the first moment, and in the call what the role allows', async () => {
    const eve = await stage.people.arrive('eve')
    const first = await eve.does(({ agent, sdk }, groupId) => {
      const call = agent.join({ groupId })
      const { capabilities } = call.feature(sdk.Features.Capabilities)
      void call.hangUp()
      return Object.values(capabilities).map(({ isPresent, reason }) => `${isPresent} ${reason}`)
    }, crypto.randomUUID())
    expect(first).toHaveLength(25)
    expect(new Set(first)).toEqual(new Set(['false NotInitialized', 'false FeatureNotSupported']))

    const consumer = ['useReactions', 'viewAttendeeNames']
    const attendee = [...consumer, 'raiseHand', 'realTimeText', 'turnVideoOn', 'unmuteMic']
    const moderating = ['muteOthers', 'removeParticipant', 'addCommunicationUser', 'forbidOthersAudio']
    expect(await dan.does(present)).toEqual(consumer.toSorted())
    expect(await bob.does(present)).toEqual(attendee.toSorted())
    expect(await ann.does(present)).toEqual(expect.arrayContaining([...attendee, 'shareScreen', ...moderating]))
    expect(await ann.does(reasonOf, 'hangUpForEveryOne')).toBe('CapabilityNotApplicableForTheCallType')
    expect(await bob.does(reasonOf, 'shareScreen')).toBe('RoleRestricted')
  })

  it('capabilitiesChanged says what changed with the role, and nothing else', async () => {
    await cat.does(({ call, sdk, tell }) => {
      call.feature(sdk.Features.Capabilities).on('capabilitiesChanged', (change) => tell('capabilities', change))
    })
    await stage.platform.rooms.addOrUpdateParticipants(roomId, [{ id: cat.user, role: 'Collaborator' }])
    await cat.isToldOf('roleChanged', (role) => role === 'Collaborator')
    const lacks = { isPresent: false, reason: 'RoleRestricted' }
    const has = { isPresent: true, reason: 'Capable' }
    await cat.isToldAll('capabilities', [
      { oldValue: { shareScreen: lacks }, newValue: { shareScreen: has }, reason: 'RoleChanged' },
    ])
    expect(await cat.does(reasonOf, 'shareScreen')).toBe('Capable')
    await stage.platform.rooms.addOrUpdateParticipants(roomId, [{ id: cat.user, role: 'Attendee' }])
    await cat.isToldOf(
      'capabilities',
      isSame({
        oldValue: { shareScreen: has },
        newValue: { shareScreen: lacks },
        reason: 'RoleChanged',
      }),
    )
    expect(bob.toldOf('capabilities')).toEqual([])
  })

  function reasonOf({ call, sdk }: Hands, name: 'shareScreen' | 'hangUpForEveryOne'): string {
    return call.feature(sdk.Features.Capabilities).capabilities[name].reason
  }
})

/** A person as a feature names him. */
function who({ id }: Person): { kind: 'communicationUser'; communicationUserId: string } {
  return { kind: 'communicationUser', communicationUserId: id }
}

function nameOf(identifier: object): string {
  const found = all.find(({ id }) => 'communicationUserId' in identifier && identifier.communicationUserId === id)
  return found?.name ?? 'somebody else'
}

/** Waits until a list on someone's page names exactly these people, each with his order. */
async function sees(
  person: Person,
  what: string,
  expected: string[],
  read: (hands: Hands) => { identifier: object; order?: number }[],
): Promise<void> {
  await until(`${what} ${expected.join(', ') || '(none)'} at ${person.name}`, async () => {
    const list = await person.does(read)
    const seen = list.map(({ identifier, order }) => `${nameOf(identifier)} ${order}`)
    return seen.join() === expected.join() ? { found: true } : { sawOnly: seen.join(', ') || 'nothing' }
  })
}

function isSame(expected: unknown): (data: unknown) => boolean {
  return (data) => JSON.stringify(data) === JSON.stringify(expected)
}
