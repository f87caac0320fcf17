import { html, nothing, type TemplateResult } from 'lit'
import { nameOf } from '../names.ts'
import { durationOnClock } from '../sentences.ts'
import type { Asking, EpochMs, Talk } from '../state.ts'
import { avatar } from './avatar.ts'
import { icon, type IconName } from './icons.ts'
import type { Intents } from './intents.ts'

/** The call in hand: pictures, or whose they would be, and the controls. Name and status stand above, in the page. */
export function stage(talk: Talk, now: EpochMs, intents: Intents): TemplateResult {
  return html`
    <div class="pictures">
      <div class="picture theirs" ?hidden=${talk.theirPicture === undefined}>${talk.theirPicture}</div>
      ${talk.theirPicture === undefined ? portrait(talk) : nothing}
      <div class="picture own" ?hidden=${talk.ownPicture === undefined}>${talk.ownPicture}</div>
    </div>
    <div class="facts">
      ${
        talk.connectedAt === undefined
          ? nothing
          : html`<span class="chip" role="timer" aria-label="Duration"
              >${durationOnClock(now - talk.connectedAt)}</span
            >`
      }
      ${talk.isOtherMuted ? html`<span class="chip">${icon('microphoneOff')} ${nameOf(talk.other)} is muted</span>` : nothing}
    </div>
    ${troubleOf(talk)} ${controls(talk, intents)}
  `
}

/** The same place while the microphone is asked for. */
export function askingStage(line: Asking, intents: Intents): TemplateResult {
  return html`
    <div class="pictures">
      <div class="portrait">${avatar(line.callee, 'large')}</div>
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

function portrait(talk: Talk): TemplateResult {
  const isWaiting = talk.callState === 'Ringing' || talk.callState === 'EarlyMedia' || talk.callState === 'Connecting'
  return html`<div class="portrait ${isWaiting ? 'waiting' : ''}">${avatar(talk.other, 'large')}</div>`
}

function troubleOf(talk: Talk): TemplateResult | typeof nothing {
  if (talk.problem !== undefined)
    return html`<p class="trouble" role="alert"><strong>${talk.problem.says}</strong> ${talk.problem.todo}</p>`
  if (talk.camera !== 'asking') return nothing
  return html`<p class="trouble" role="alert">Your browser asks for the camera. Allow it to show your picture.</p>`
}

function controls(talk: Talk, intents: Intents): TemplateResult {
  const isOn = talk.camera === 'on'
  const isEnding = talk.callState === 'Disconnecting'
  return html`
    <div class="controls" role="group" aria-label="Call controls">
      ${control({
        icon: talk.isMuted ? 'microphoneOff' : 'microphone',
        name: talk.isMuted ? 'Unmute' : 'Mute',
        text: talk.isMuted ? 'Unmute' : 'Mute',
        look: talk.isMuted ? 'set' : '',
        isDisabled: isEnding,
        act: () => intents.mute(!talk.isMuted),
      })}
      ${control({
        icon: isOn ? 'camera' : 'cameraOff',
        name: isOn ? 'Turn camera off' : 'Turn camera on',
        text: 'Camera',
        look: isOn ? 'set' : '',
        isDisabled:
          isEnding || talk.callState !== 'Connected' || talk.camera === 'starting' || talk.camera === 'asking',
        act: () => intents.camera(!isOn),
      })}
      ${control({
        icon: 'hangUp',
        name: 'Hang up',
        text: 'Hang up',
        look: 'danger',
        isDisabled: isEnding,
        act: () => intents.hangUp(),
      })}
    </div>
  `
}

type Control = {
  icon: IconName
  name: string
  text: string
  look: '' | 'set' | 'danger'
  isDisabled: boolean
  act: () => void
}

function control(of: Control): TemplateResult {
  return html`
    <button class="control ${of.look}" aria-label=${of.name} ?disabled=${of.isDisabled} @click=${of.act}>
      <span class="disc">${icon(of.icon)}</span>
      <span class="caption" aria-hidden="true">${of.text}</span>
    </button>
  `
}
