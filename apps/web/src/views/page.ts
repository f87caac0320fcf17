/**
 * The whole page, drawn from the state. One element tells how things stand (role=status); it is always there, because a
 * screen reader only follows an element that it has seen before.
 */
import { html, nothing, type TemplateResult } from 'lit'
import { isPlace, nameOf } from '../names.ts'
import type { LastEnd, PhoneState, SignedIn } from '../state.ts'
import { statusOf, titleOfTalk } from '../status.ts'
import { avatar } from './avatar.ts'
import { icon } from './icons.ts'
import { banners } from './banners.ts'
import { check } from './check.ts'
import { incomingCalls } from './incoming.ts'
import type { Intents } from './intents.ts'
import { people } from './people.ts'
import { meetingPlace } from './place.ts'
import { signIn } from './sign-in.ts'
import { askingStage, stage } from './stage.ts'

/** Which face the page shows: what page.css goes by, and where the focus begins anew. */
export function faceOf(state: PhoneState): 'sign-in' | 'lobby' | 'stage' {
  if (state.page === 'signIn') return 'sign-in'
  return state.line.state === 'free' ? 'lobby' : 'stage'
}

export function page(state: PhoneState, intents: Intents): TemplateResult {
  return html`
    <div class="page" data-face=${faceOf(state)}>
      <header class="bar">
        <span class="wordmark">${mark} Parley</span>
        ${state.page === 'phone' ? self(state, intents) : nothing}
      </header>
      ${state.page === 'phone' ? [banners(state, intents), incomingCalls(state, intents)] : nothing}
      <main>
        <h1 tabindex="-1">${headline(state)}</h1>
        ${standing(state, intents)} ${body(state, intents)}
      </main>
      <footer>Parley is an open calling platform that a team runs itself.</footer>
    </div>
  `
}

function headline(state: PhoneState): TemplateResult | string {
  if (state.page === 'signIn') return 'Make a call from your browser'
  const { line } = state
  if (line.state === 'free') return html`Hello, <bdi>${nameOf(state.me)}</bdi>`
  return html`<bdi>${titleOfTalk(line.state === 'call' ? line : { other: line.callee, members: [] })}</bdi>`
}

/** How things stand: in words, with a colour that repeats them, and what can be done about an end. */
function standing(state: PhoneState, intents: Intents): TemplateResult {
  const { says, todo } = statusOf(state)
  const end = state.page === 'phone' && state.line.state === 'free' ? state.lastEnd : undefined
  return html`
    <div class="standing" data-mood=${moodOf(state)}>
      <p role="status"><strong>${says}</strong>${todo === undefined ? nothing : html` <span>${todo}</span>`}</p>
      ${end === undefined ? nothing : afterEnd(end, intents)}
    </div>
  `
}

type Mood = 'plain' | 'ready' | 'ended' | 'trouble'

function moodOf(state: PhoneState): Mood {
  if (state.page === 'signIn') return state.problem === undefined ? 'plain' : 'trouble'
  if (state.line.state === 'asking') return state.line.problem === undefined ? 'plain' : 'trouble'
  if (state.line.state === 'call') return state.line.callState === 'Connected' ? 'ready' : 'plain'
  if (state.lastEnd !== undefined) return 'ended'
  return state.link.state === 'connected' ? 'ready' : 'plain'
}

function afterEnd(end: LastEnd, intents: Intents): TemplateResult {
  return html`
    <div class="actions">
      ${
        end.mayCallAgain && !isPlace(end.other)
          ? html`<button class="button quiet" @click=${() => intents.call(end.other)}>
              ${icon('call')} Ring again
            </button>`
          : nothing
      }
      <button class="button quiet" @click=${() => intents.dismissEnd()}>Dismiss</button>
    </div>
  `
}

function body(state: PhoneState, intents: Intents): TemplateResult {
  if (state.page === 'signIn') return signIn(state, intents)
  switch (state.line.state) {
    case 'free':
      return html`${check(state, intents)} ${meetingPlace(state, intents)} ${people(state, intents)}`
    case 'asking':
      return askingStage(state.line, intents)
    case 'call':
      return stage(state.line, state, intents)
  }
}

function self(state: SignedIn, intents: Intents): TemplateResult {
  return html`
    <div class="self">
      ${avatar(state.me)} <bdi class="name">${nameOf(state.me)}</bdi>
      ${
        state.line.state === 'free'
          ? html`<button class="button icon-only" aria-label="Leave" title="Leave" @click=${() => intents.leave()}>
              ${icon('leave')}
            </button>`
          : nothing
      }
    </div>
  `
}

const mark = html`<svg class="mark" viewBox="0 0 28 28" aria-hidden="true">
  <path d="M4 11.5a7.5 7.5 0 0 1 15 0 7.5 7.5 0 0 1-10.8 6.7L4.5 19l.9-3.6A7.5 7.5 0 0 1 4 11.5Z" />
  <path class="second" d="M21.5 11.2a6.5 6.5 0 0 1 1.3 8.3l.7 3-3-.7a6.5 6.5 0 0 1-8.3-1.3" />
</svg>`
