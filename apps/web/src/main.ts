/** The parts of the demo phone, and how they are joined. */
import { CallClient } from '@parley/calling-sdk'
import { render } from 'lit'
import { DemoDoor } from './demo-door.ts'
import { Memory } from './memory.ts'
import { Phone } from './phone.ts'
import { linkTo, placeIn } from './place.ts'
import { Sounds } from './sounds.ts'
import type { PhoneState } from './state.ts'
import { movesWithTime, soundOf, titleOf } from './status.ts'
import { faceOf, page } from './views/page.ts'

const root = document.getElementById('phone')
if (root === null) throw new Error('index.html has no element with the id "phone"')

const sounds = new Sounds()
const phone = new Phone({
  door: new DemoDoor(location.origin),
  createClient: () => new CallClient(),
  memory: new Memory(() => sessionStorage),
  address: {
    read: () => placeIn(location.search),
    write: (place) => history.replaceState(null, '', place === undefined ? '/' : linkTo(place, location.origin)),
    copy: async (place) => navigator.clipboard.writeText(linkTo(place, location.origin)),
  },
  now: () => Date.now(),
  isSoundBlocked: () => sounds.isBlocked,
  draw: (state) => draw(state, root),
})

let ticking: ReturnType<typeof setInterval> | undefined
let face: ReturnType<typeof faceOf> | undefined

function draw(state: PhoneState, into: HTMLElement): void {
  render(page(state, phone), into)
  document.title = titleOf(state)
  sounds.play(soundOf(state))
  tickWhile(movesWithTime(state))
  keepFocus(faceOf(state), into)
}

function tickWhile(isMoving: boolean): void {
  if (isMoving === (ticking !== undefined)) return
  clearInterval(ticking)
  ticking = isMoving ? setInterval(() => phone.tick(), 1000) : undefined
}

/** What was pressed may be gone with its face: the keyboard then goes on from the name's field, or the new headline. */
function keepFocus(now: ReturnType<typeof faceOf>, within: HTMLElement): void {
  const before = face
  face = now
  if (before === now || document.activeElement !== document.body) return
  if (now === 'sign-in') within.querySelector('input')?.focus()
  else if (before !== undefined) within.querySelector('h1')?.focus()
}

/** Browsers let a page be heard once somebody has clicked or typed on it. */
for (const gesture of ['click', 'keydown'] as const) {
  document.addEventListener(gesture, () => {
    sounds.unblock()
    if (!sounds.isBlocked) phone.soundUnblocked()
  })
}

phone.open()
