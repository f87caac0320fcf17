/** How a file of stories about phones begins. Only tests import this module. */
import { afterEach, jest } from '@jest/globals'
import { FarEnd } from './far-end.ts'
import { Place } from './place.ts'

type Open = typeof Place.open

/** Call it once, at the top of the file. What a story opens is closed after it. */
export function setPlace() {
  // Real time passes here, on a machine that may be busy.
  jest.setTimeout(30_000)
  let place: Place | undefined
  afterEach(async () => {
    await place?.close()
    place = undefined
  })
  const open: Open = async (...how) => (place = await Place.open(...how))
  return { open, inACall: (more: Parameters<Open>[1] = {}) => inACall(open, more) }
}

/** A phone that was dialled and has answered. */
async function inACall(open: Open, more: Parameters<Open>[1]) {
  const berlin = (await FarEnd.open()).accepts()
  const place = await open({ 'berlin.example.com': berlin }, more)
  const { api, node } = place
  const leg = await api.dials(node.id, { trunks: ['berlin.example.com'] })
  await api.isAsked('media.send')
  await berlin.isTold('confirmed')
  api.shows(leg, { state: 'Connected' })
  const call = await berlin.isCalled()
  return { api, node, berlin, leg, call, place }
}
