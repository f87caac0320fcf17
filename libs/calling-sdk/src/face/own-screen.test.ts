import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { track } from '../../test/media-desk.ts'
import { silent } from '../log.ts'
import type { Outgoing } from '../media/outgoing.ts'
import { Diagnostics } from './features/diagnostics.ts'
import { LocalVideoStream } from './local-video-stream.ts'
import { OwnScreen } from './own-screen.ts'

class Stream extends EventTarget {
  getVideoTracks = () => [track('video')]
}

let told: boolean[]
let sent: boolean[]
let shown: string[]
/** What the server says before it answers. */
let before: (isOn: boolean) => void
let screen: OwnScreen

beforeEach(() => {
  told = []
  sent = []
  shown = []
  before = () => {}
  Object.assign(globalThis, { MediaStream: Stream })
  screen = new OwnScreen({
    log: silent,
    diagnostics: new Diagnostics(),
    check: () => {},
    tell: async (isOn) => {
      told.push(isOn)
      before(isOn)
    },
    updated: ({ added, removed }) => shown.push(`+${added.length} -${removed.length}`),
    captured: () => {},
  })
  // All of it that a screen is sent with.
  const outgoing: Pick<Outgoing, 'set'> = {
    set: async (_source, wanted) => void sent.push(wanted !== undefined),
  }
  screen.sendOver(outgoing as Outgoing)
})
afterEach(() => {
  Reflect.deleteProperty(globalThis, 'MediaStream')
})

const brought = () => new LocalVideoStream(new Stream() as unknown as MediaStream) // all of one that is asked for here

it.each(['before', 'after'])(
  'ends when somebody else takes it, though the server showed it %s its answer',
  async (when) => {
    if (when === 'before') before = (isOn) => screen.see(isOn)
    await screen.start(brought())
    if (when === 'after') screen.see(true)
    expect(screen.streams).toHaveLength(1)
    screen.see(false)
    expect(screen.streams).toHaveLength(0)
    expect(shown).toEqual(['+1 -0', '+0 -1'])
    expect(sent).toEqual([true, false])
    // It is not ours to give back.
    expect(told).toEqual([true])
  },
)

it('is not ended by a view of before it began', async () => {
  before = () => screen.see(false)
  await screen.start(brought())
  screen.see(false)
  expect(screen.streams).toHaveLength(1)
})

it('ends as soon as it begins when it was taken before the server’s answer', async () => {
  before = () => [true, false].forEach((isSharing) => screen.see(isSharing))
  await screen.start(brought())
  expect(screen.streams).toHaveLength(0)
  expect(shown).toEqual(['+1 -0', '+0 -1'])
  await expect(screen.stop()).rejects.toMatchObject({ code: 400, subCode: 41041 })
})
