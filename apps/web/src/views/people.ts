import { html, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { nameOf, shortIdOf, type Person } from '../names.ts'
import type { SignedIn } from '../state.ts'
import { avatar } from './avatar.ts'
import { icon } from './icons.ts'
import type { Intents } from './intents.ts'

/** Who else is here, each with a button to call. */
export function people(state: SignedIn, intents: Intents): TemplateResult {
  const { list, problem } = state.people
  return html`
    <section class="people" aria-labelledby="people-title">
      <h2 id="people-title">
        Who else is here ${list?.length ? html`<span class="count">${list.length}</span>` : nothing}
      </h2>
      ${problem === undefined ? nothing : html`<p class="hint">${icon('warning')} ${problem.says} This list may be old.</p>`}
      ${list === undefined ? waiting() : list.length === 0 ? nobody() : names(list, state, intents)}
    </section>
  `
}

function names(list: readonly Person[], state: SignedIn, intents: Intents): TemplateResult {
  const rowOf = (person: Person): TemplateResult => {
    const hasNamesake = list.some((other) => other.user !== person.user && nameOf(other) === nameOf(person))
    return row(person, hasNamesake, state.link.state === 'connected', intents)
  }
  return html`<ul class="rows">
    ${repeat(list, (person) => person.user, rowOf)}
  </ul>`
}

/** Two of the same name are told apart by the end of their ids. */
function row(person: Person, hasNamesake: boolean, mayCall: boolean, intents: Intents): TemplateResult {
  const name = nameOf(person)
  return html`
    <li class="row">
      ${avatar(person)}
      <span class="who">
        <bdi class="name">${name}</bdi>
        ${hasNamesake ? html`<span class="id">… ${shortIdOf(person)}</span>` : nothing}
      </span>
      <button class="button call" aria-label="Call ${name}" ?disabled=${!mayCall} @click=${() => intents.call(person)}>
        ${icon('call')} Call
      </button>
    </li>
  `
}

function waiting(): TemplateResult {
  const ghost = html`<div class="row ghost"><span class="avatar small"></span><span class="line"></span></div>`
  return html`<div class="rows" aria-hidden="true">${ghost} ${ghost}</div>`
}

function nobody(): TemplateResult {
  return html`
    <div class="nobody">
      ${twoWindows}
      <h3>Nobody else is here yet</h3>
      <p>Open this page in a second window and give another name there. Then call yourself.</p>
      <a class="button quiet" href="/" target="_blank" rel="noopener">${icon('newWindow')} Open a second window</a>
    </div>
  `
}

const twoWindows = html`
  <svg class="two-windows" viewBox="0 0 168 96" aria-hidden="true">
    <rect class="back" x="1" y="1" width="104" height="70" rx="9" />
    <path class="back" d="M1 17h104" />
    <circle class="back" cx="38" cy="36" r="7" />
    <path class="back" d="M24 57a14 12 0 0 1 28 0" />
    <rect class="front" x="63" y="25" width="104" height="70" rx="9" />
    <path class="front" d="M63 41h104" />
    <circle class="accent" cx="115" cy="60" r="7" />
    <path class="accent" d="M101 81a14 12 0 0 1 28 0" />
  </svg>
`
