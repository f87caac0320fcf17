import { html, nothing, type TemplateResult } from 'lit'
import { echo } from '../names.ts'
import { linkTo, type Place } from '../place.ts'
import { troubleSentences } from '../sentences.ts'
import type { SignedIn } from '../state.ts'
import { icon, type IconName } from './icons.ts'
import type { Intents } from './intents.ts'

/**
 * Before a call: the way into the group or room of the page's address, or another one, and what one can try without
 * anybody to call.
 */
export function meetingPlace(state: SignedIn, intents: Intents): TemplateResult {
  const mayCall = state.link.state === 'connected'
  return html`
    ${state.place === undefined ? nothing : door(state.place, mayCall, state, intents)}
    <div class="ways">
      ${state.place === undefined ? way('group', 'Start a group', mayCall, () => intents.startGroup()) : nothing}
      ${way('sound', 'Call the echo', mayCall, () => intents.call(echo))}
      ${way('microphone', 'Check my devices', mayCall, () => intents.checkDevices())}
    </div>
    ${state.place === undefined ? [entrance(mayCall, intents), keypad(mayCall, intents)] : nothing}
  `
}

function way(name: IconName, text: string, mayCall: boolean, act: () => void): TemplateResult {
  return html`<button class="button quiet" ?disabled=${!mayCall} @click=${act}>${icon(name)} ${text}</button>`
}

/** For those whom a link or an id has reached otherwise than by a click. */
function entrance(mayCall: boolean, intents: Intents): TemplateResult {
  return html`
    <form class="entrance" @submit=${typed('place', (place) => intents.join(place))}>
      <label for="place">Join a group or a room</label>
      <input
        id="place"
        name="place"
        placeholder="Its link or its id"
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        required
      />
      <button class="button quiet" ?disabled=${!mayCall}>${icon('door')} Join</button>
    </form>
  `
}

/** A softphone that has registered on this machine, by its short number. */
function keypad(mayCall: boolean, intents: Intents): TemplateResult {
  return html`
    <form class="entrance" @submit=${typed('number', (number) => intents.dial(number))}>
      <label for="number">Call a telephone</label>
      <input id="number" name="number" type="tel" placeholder="Its number" autocomplete="off" required />
      <button class="button quiet" ?disabled=${!mayCall}>${icon('call')} Call</button>
    </form>
  `
}

/** What somebody has typed into the field of this name, as soon as he is done. */
function typed(name: string, take: (text: string) => void): (event: SubmitEvent) => void {
  return (event) => {
    event.preventDefault()
    if (!(event.target instanceof HTMLFormElement)) return
    const text = new FormData(event.target).get(name)
    if (typeof text === 'string' && text.trim() !== '') take(text)
  }
}

function door(place: Place, mayCall: boolean, state: SignedIn, intents: Intents): TemplateResult {
  const isGroup = 'groupId' in place
  return html`
    <section class="door" aria-labelledby="door-title">
      <h2 id="door-title">${isGroup ? 'A group to join' : html`A room to join: ${place.roomId}`}</h2>
      <div class="actions">
        <button class="button" ?disabled=${!mayCall} @click=${() => intents.call(place)}>
          ${icon('door')} ${isGroup ? 'Join the group' : 'Join the room'}
        </button>
        <button class="button quiet" @click=${() => intents.forgetPlace()}>Not now</button>
      </div>
      ${isGroup ? invitation(place, state, intents) : address(state)}
    </section>
  `
}

/** The link that brings others in. */
export function invitation(place: Place, { copying }: SignedIn, intents: Intents): TemplateResult {
  const link = linkTo(place, location.origin)
  return html`
    <div class="invitation">
      <label for="link">Link to hand on</label>
      ${field('link', link)}
      <button class="button quiet" @click=${() => intents.copyLink()}>
        ${icon('link')} ${copying === 'copied' ? 'Copied' : 'Copy'}
      </button>
      <a class="button quiet" href=${link} target="_blank" rel="noopener">${icon('newWindow')} Open in a new window</a>
      ${copying === 'failed' ? notCopied() : nothing}
    </div>
  `
}

/** Browsers may refuse the clipboard to a page. */
export function notCopied(): TemplateResult {
  const { says, todo } = troubleSentences.linkNotCopied
  return html`<p class="refusal" role="alert">${says} ${todo}</p>`
}

/** A room lets in who is on its list: whoever keeps the list needs this. */
function address({ me }: SignedIn): TemplateResult {
  return html`
    <div class="invitation">
      <label for="address">Your address, for the list of the room</label>
      ${field('address', me.user)}
    </div>
  `
}

function field(id: string, text: string): TemplateResult {
  const select = (event: FocusEvent): void => {
    if (event.target instanceof HTMLInputElement) event.target.select()
  }
  return html`<input id=${id} readonly .value=${text} @focus=${select} />`
}
