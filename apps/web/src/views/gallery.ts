import { html, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { nameOf, type Person } from '../names.ts'
import type { EpochMs, Member, Reaction, ReactionKind, SignedIn, Talk } from '../state.ts'
import { avatar } from './avatar.ts'
import { icon, type IconName } from './icons.ts'

/**
 * A call of many: a tile for everybody, and over them the screen that somebody shares. A picture stays on the page while
 * it lives, hidden where need be: a video that leaves the page stops.
 */
export function gallery(talk: Talk, state: SignedIn): TemplateResult {
  const isHeld = talk.callState === 'LocalHold' || talk.callState === 'InLobby'
  return html`
    <div class="gallery" ?hidden=${isHeld}>
      ${talk.screen === undefined ? nothing : sharedScreen(talk.screen.picture, nameOf(talk.screen.of))}
      <ul class="tiles" aria-label="People in the call">
        ${tile(ownTile(talk, state.me), talk.reactions, state.now)}
        ${repeat(
          talk.members,
          (member) => member.user,
          (member) => tile({ ...member, name: nameOf(member), isOwn: false }, talk.reactions, state.now),
        )}
      </ul>
    </div>
  `
}

type Tile = Member & { name: string; isOwn: boolean }

function ownTile({ isMuted, isHandUp, ownPicture }: Talk, me: Person): Tile {
  const marks = { state: 'Connected', isMuted, isHandUp, isSpeaking: false } as const
  return { ...me, ...marks, picture: ownPicture, name: 'You', isOwn: true }
}

function tile(of: Tile, reactions: readonly Reaction[], now: EpochMs): TemplateResult {
  const isSeen = of.picture !== undefined && isHere(of)
  const reaction = reactions.find((one) => one.user === of.user && one.shownUntil > now)
  return html`
    <li class="tile ${of.isOwn ? 'mine' : ''} ${of.isSpeaking ? 'speaking' : ''} ${isHere(of) ? '' : 'away'}">
      <div class="picture" ?hidden=${!isSeen}>${of.picture}</div>
      ${isSeen ? nothing : avatar(of)}
      ${of.isHandUp ? html`<span class="hand">${mark('hand', 'Hand raised')}</span>` : nothing}
      ${reaction === undefined ? nothing : html`<span class="reaction ${reaction.kind}">${mark(reaction.kind, spoken[reaction.kind])}</span>`}
      <span class="label">
        ${of.isMuted ? mark('microphoneOff', 'Muted') : nothing}
        <bdi class="name">${of.name}</bdi>
        ${of.isSpeaking ? html`<span class="unseen">speaks</span>` : nothing}
        ${isHere(of) ? nothing : html`<span class="state">${waitOf(of)}</span>`}
      </span>
    </li>
  `
}

const spoken: Record<ReactionKind, string> = {
  like: 'Likes it',
  heart: 'Loves it',
  laugh: 'Laughs',
  applause: 'Applauds',
  surprised: 'Is surprised',
}

function isHere({ state }: Member): boolean {
  return state === 'Connected'
}

function waitOf({ state }: Member): string {
  if (state === 'Hold') return 'on hold'
  return state === 'Ringing' || state === 'EarlyMedia' ? 'ringing …' : 'joining …'
}

function mark(name: IconName, says: string): TemplateResult {
  return html`${icon(name)}<span class="unseen">${says}</span>`
}

function sharedScreen(picture: HTMLElement, name: string): TemplateResult {
  return html`
    <figure class="screen">
      <div class="picture">${picture}</div>
      <figcaption class="label"><bdi class="name">${name}</bdi> shares a screen</figcaption>
    </figure>
  `
}
