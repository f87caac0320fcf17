import { html, nothing, type TemplateResult } from 'lit'
import { isPlace, nameOf } from '../names.ts'
import {
  hasTelephone,
  isOfMany,
  isWithTelephone,
  reactionKinds,
  type ReactionKind,
  type SignedIn,
  type Talk,
} from '../state.ts'
import type { Wish } from '../wishes.ts'
import { icon, type IconName } from './icons.ts'
import type { Intents } from './intents.ts'
import { keypad, keypadControl } from './keypad.ts'
import { notCopied } from './place.ts'

/** What can be done in a call: the few that are always at hand, and the rest behind "More". */
export function controls(talk: Talk, state: SignedIn, intents: Intents): TemplateResult {
  const isUp = talk.callState === 'Connected'
  const hasKeys = isUp && hasTelephone(talk)
  const isSeen = !isWithTelephone(talk)
  const exit = isPlace(talk.other) ? 'Leave' : 'Hang up'
  return html`
    <div class="controls" role="group" aria-label="Call controls">
      ${microphone(talk, intents)} ${isSeen ? camera(talk, intents) : nothing}
      ${isSeen && talk.may.has('shareScreen') && canShare() ? share(talk, intents) : nothing}
      ${talk.may.has('raiseHand') && isOfMany(talk) ? hand(talk, intents) : nothing}
      ${hasKeys ? keypadControl : nothing} ${isUp ? moreControl : nothing}
      ${control({
        icon: 'hangUp',
        name: exit,
        text: exit,
        look: 'danger',
        isDisabled: talk.callState === 'Disconnecting',
        act: () => intents.hangUp(),
      })}
    </div>
    ${hasKeys ? keypad(talk, intents) : nothing} ${isUp ? more(talk, state, intents) : nothing}
  `
}

function microphone({ isMuted, callState, may }: Talk, intents: Intents): TemplateResult {
  // Before these states nobody knows yet what he may.
  const mayNotSpeak = (callState === 'Connected' || callState === 'InLobby') && !may.has('unmuteMic')
  return control({
    icon: isMuted ? 'microphoneOff' : 'microphone',
    name: isMuted ? 'Unmute' : 'Mute',
    text: isMuted ? 'Unmute' : 'Mute',
    look: isMuted ? 'set' : '',
    isDisabled: callState === 'Disconnecting' || mayNotSpeak,
    act: () => intents.mute(!isMuted),
  })
}

function camera({ camera, callState, may }: Talk, intents: Intents): TemplateResult {
  const isOn = camera === 'on'
  return control({
    icon: isOn ? 'camera' : 'cameraOff',
    name: isOn ? 'Turn camera off' : 'Turn camera on',
    text: 'Camera',
    look: isOn ? 'set' : '',
    isDisabled: callState !== 'Connected' || camera === 'starting' || camera === 'asking' || !may.has('turnVideoOn'),
    act: () => intents.camera(!isOn),
  })
}

/** Browsers on phones have no screen to share. */
function canShare(): boolean {
  return 'getDisplayMedia' in navigator.mediaDevices
}

function share({ isSharing, callState }: Talk, intents: Intents): TemplateResult {
  return control({
    icon: 'screen',
    name: isSharing ? 'Stop sharing your screen' : 'Share your screen',
    text: 'Share',
    look: isSharing ? 'set' : '',
    isDisabled: callState !== 'Connected',
    act: () => intents.wish({ to: isSharing ? 'stopSharing' : 'share' }),
  })
}

function hand({ isHandUp, callState }: Talk, intents: Intents): TemplateResult {
  return control({
    icon: 'hand',
    name: isHandUp ? 'Lower your hand' : 'Raise your hand',
    text: 'Hand',
    look: isHandUp ? 'set' : '',
    isDisabled: callState !== 'Connected',
    act: () => intents.wish({ to: isHandUp ? 'lowerHand' : 'raiseHand' }),
  })
}

/** The browser opens the popover, closes it when somebody clicks elsewhere, and gives the focus back. */
const moreControl = html`
  <button class="control" aria-label="More" popovertarget="more">
    <span class="disc">${icon('more')}</span>
    <span class="caption" aria-hidden="true">More</span>
  </button>
`

function more(talk: Talk, state: SignedIn, intents: Intents): TemplateResult {
  const want = (name: IconName, text: string, wish: Wish): TemplateResult => item(name, text, () => intents.wish(wish))
  const isMany = isOfMany(talk)
  return html`
    <div id="more" class="more" popover role="group" aria-label="More">
      ${isMany && talk.may.has('useReactions') ? reactions(intents) : nothing}
      ${want('pause', 'Put the call on hold', { to: 'hold' })} ${isPlace(talk.other) ? link(state, intents) : nothing}
      ${isMany && talk.may.has('muteOthers') ? want('microphoneOff', 'Mute everybody else', { to: 'muteAll' }) : nothing}
      ${isMany && talk.may.has('hangUpForEveryOne') ? want('hangUp', 'End the call for everybody', { to: 'endForAll' }) : nothing}
      ${talk.may.has('addCommunicationUser') ? whomToAdd(talk, state, intents) : nothing}
    </div>
  `
}

const reactionNames: Record<ReactionKind, string> = {
  like: 'Like',
  heart: 'Heart',
  laugh: 'Laugh',
  applause: 'Applause',
  surprised: 'Surprised',
}

function reactions(intents: Intents): TemplateResult {
  return html`
    <div class="reactions" role="group" aria-label="Reactions">
      ${reactionKinds.map(
        (kind) =>
          html`<button
            class="reaction ${kind}"
            aria-label=${reactionNames[kind]}
            title=${reactionNames[kind]}
            @click=${closing(() => intents.wish({ to: 'react', kind }))}
          >
            ${icon(kind)}
          </button>`,
      )}
    </div>
  `
}

/** Stays open: it says itself how it went. */
function link({ copying }: SignedIn, intents: Intents): TemplateResult {
  return html`
    <button class="item" aria-live="polite" @click=${() => intents.copyLink()}>
      ${icon('link')} ${copying === 'copied' ? 'The link is copied' : 'Copy the link'}
    </button>
    ${copying === 'failed' ? notCopied() : nothing}
  `
}

function whomToAdd(talk: Talk, { people }: SignedIn, intents: Intents): TemplateResult {
  const isThere = (user: string): boolean => talk.members.some((member) => member.user === user)
  const others = (people.list ?? []).filter(({ user }) => !isThere(user))
  return html`
    <h2>Add somebody</h2>
    ${
      others.length === 0
        ? html`<p class="empty">
            Whoever has this page open is in the call already. Open it in one more window, with another name.
          </p>`
        : others.map((person) =>
            item('add', `Add ${nameOf(person)}`, () => intents.wish({ to: 'add', user: person.user })),
          )
    }
  `
}

function item(name: IconName, text: string, act: () => void): TemplateResult {
  return html`<button class="item" @click=${closing(act)}>${icon(name)} <bdi>${text}</bdi></button>`
}

/**
 * Closes "More", then acts. Not by `popovertargetaction`, which comes after the click: by then what was clicked may be
 * gone from the page, as is everybody who was added.
 */
function closing(act: () => void): (event: Event) => void {
  return ({ currentTarget }) => {
    if (currentTarget instanceof HTMLElement) currentTarget.closest<HTMLElement>('[popover]')?.hidePopover()
    act()
  }
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
