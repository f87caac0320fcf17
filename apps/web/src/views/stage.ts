import { html, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { isPlace, nameOf, type Person } from '../names.ts'
import { durationOnClock } from '../sentences.ts'
import { isOfMany, type Asking, type SignedIn, type Talk } from '../state.ts'
import { avatar, meeting } from './avatar.ts'
import { controls } from './controls.ts'
import { gallery } from './gallery.ts'
import { icon } from './icons.ts'
import type { Intents } from './intents.ts'
import { keysHeard } from './keypad.ts'
import { invitation } from './place.ts'

/** The call in hand: pictures, or whose they would be, and the controls. Name and status stand above, in the page. */
export function stage(talk: Talk, state: SignedIn, intents: Intents): TemplateResult {
  return html`
    ${isOfMany(talk) ? gallery(talk, state) : pair(talk)} ${pause(talk, intents)}
    ${isAlone(talk) && isPlace(talk.other) ? invitation(talk.other, state, intents) : nothing} ${facts(talk, state)}
    ${waitingRoom(talk, intents)} ${troubleOf(talk, intents)} ${controls(talk, state, intents)}
  `
}

/** The same place while the microphone is asked for. */
export function askingStage(line: Asking, intents: Intents): TemplateResult {
  return html`
    <div class="pictures">
      <div class="portrait">${isPlace(line.callee) ? meeting : avatar(line.callee, 'large')}</div>
    </div>
    <div class="controls">
      ${
        line.problem === undefined
          ? nothing
          : html`<button class="button light" @click=${() => (intents.giveUpDialling(), intents.call(line.callee))}>
              Try again
            </button>`
      }
      <button class="button ghostly" @click=${() => intents.giveUpDialling()}>Cancel</button>
    </div>
  `
}

/** A call of two: the other one, or what he shares, fills the stage. */
function pair(talk: Talk): TemplateResult {
  const [other] = talk.members
  const isHeld = isPaused(talk)
  const isScreenSeen = talk.screen !== undefined && !isHeld
  const isOtherSeen = other?.picture !== undefined && !isScreenSeen && !isHeld
  const isNobodySeen = !isScreenSeen && !isOtherSeen && !isHeld
  return html`
    <div class="pictures">
      <div class="picture theirs" ?hidden=${!isOtherSeen}>${other?.picture}</div>
      <div class="picture theirs" ?hidden=${!isScreenSeen}>${talk.screen?.picture}</div>
      ${isNobodySeen && !isPlace(talk.other) ? portrait(talk, talk.other) : nothing}
      <div class="picture own" ?hidden=${talk.ownPicture === undefined || isHeld}>${talk.ownPicture}</div>
    </div>
  `
}

function portrait({ callState }: Talk, other: Person): TemplateResult {
  const isWaiting = callState === 'Ringing' || callState === 'EarlyMedia' || callState === 'Connecting'
  return html`<div class="portrait ${isWaiting ? 'waiting' : ''}">${avatar(other, 'large')}</div>`
}

function isPaused({ callState }: Talk): boolean {
  return callState === 'LocalHold' || callState === 'RemoteHold' || callState === 'InLobby'
}

/** In the place of the pictures while nothing is heard or seen. What it means, the status says. */
function pause(talk: Talk, intents: Intents): TemplateResult | typeof nothing {
  if (!isPaused(talk)) return nothing
  const isHeldHere = talk.callState === 'LocalHold'
  return html`
    <div class="pause">
      <span class="sign">${icon(talk.callState === 'InLobby' ? 'door' : 'pause')}</span>
      ${
        isHeldHere
          ? html`<button class="button light" @click=${() => intents.wish({ to: 'resume' })}>
              ${icon('resume')} Resume
            </button>`
          : nothing
      }
    </div>
  `
}

/** Nobody is there, and nobody waits at the door either. */
function isAlone({ callState, members, waiting }: Talk): boolean {
  return callState === 'Connected' && members.length === 0 && waiting.length === 0
}

function facts(talk: Talk, { now }: SignedIn): TemplateResult {
  const [other] = talk.members
  const isOtherMuted = !isOfMany(talk) && other?.isMuted === true && talk.callState === 'Connected'
  return html`
    <div class="facts">
      ${
        talk.connectedAt === undefined
          ? nothing
          : html`<span class="chip" role="timer" aria-label="Duration"
              >${durationOnClock(now - talk.connectedAt)}</span
            >`
      }
      ${isOtherMuted ? html`<span class="chip">${icon('microphoneOff')} ${nameOf(other)} is muted</span>` : nothing}
      <span class="heard" aria-live="polite"
        >${talk.heard === undefined ? nothing : html`<span class="chip">${icon('keypad')} ${keysHeard(talk.heard)}</span>`}</span
      >
      ${talk.isSharing ? html`<span class="chip">${icon('screen')} You share your screen</span>` : nothing}
    </div>
  `
}

/** Who waits to be let in, for those who may open the door. */
function waitingRoom({ waiting }: Talk, intents: Intents): TemplateResult | typeof nothing {
  if (waiting.length === 0) return nothing
  const row = (person: Person): TemplateResult => {
    const name = nameOf(person)
    return html`<li>
      ${avatar(person)} <bdi class="name">${name}</bdi>
      <button
        class="button ghostly"
        aria-label="Reject ${name}"
        @click=${() => intents.wish({ to: 'reject', user: person.user })}
      >
        Reject
      </button>
      <button
        class="button light"
        aria-label="Admit ${name}"
        @click=${() => intents.wish({ to: 'admit', user: person.user })}
      >
        Admit
      </button>
    </li>`
  }
  return html`
    <section class="waiting-room" aria-labelledby="waiting-title">
      <h2 id="waiting-title">
        <span role="alert">
          ${waiting.length === 1 ? 'Somebody waits' : `${waiting.length} people wait`} to be let in
        </span>
      </h2>
      <ul>
        ${repeat(waiting, (person) => person.user, row)}
      </ul>
      ${
        waiting.length > 1
          ? html`<button class="button light" @click=${() => intents.wish({ to: 'admitAll' })}>Admit all</button>`
          : nothing
      }
    </section>
  `
}

function troubleOf(talk: Talk, intents: Intents): TemplateResult | typeof nothing {
  if (talk.problem !== undefined)
    return html`<div class="trouble">
      <p role="alert"><strong>${talk.problem.says}</strong> ${talk.problem.todo}</p>
      <button class="button icon-only" aria-label="Dismiss" @click=${() => intents.dismissTrouble()}>
        ${icon('close')}
      </button>
    </div>`
  if (talk.camera !== 'asking') return nothing
  return html`<p class="trouble" role="alert">Your browser asks for the camera. Allow it to show your picture.</p>`
}
