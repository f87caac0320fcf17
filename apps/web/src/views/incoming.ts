import { html, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { nameOf } from '../names.ts'
import type { Incoming, SignedIn } from '../state.ts'
import { avatar } from './avatar.ts'
import { icon } from './icons.ts'
import type { Intents } from './intents.ts'

/** The calls that ring here, over everything else. The focus stays where it is: nobody answers by typing on. */
export function incomingCalls(state: SignedIn, intents: Intents): TemplateResult {
  return html`
    <div class="incoming">
      ${repeat(
        state.incoming,
        (one) => one.id,
        (one) => card(one, state, intents),
      )}
    </div>
  `
}

function card(one: Incoming, state: SignedIn, intents: Intents): TemplateResult {
  const name = nameOf(one.from)
  const isBusy = one.answer !== 'open'
  return html`
    <section class="ringing" aria-label="Incoming call from ${name}">
      <div class="caller">
        ${avatar(one.from)}
        <p role="alert"><bdi class="name">${name}</bdi> <span>${isBusy ? 'Answering …' : 'is calling you'}</span></p>
      </div>
      ${hint(one, state)}
      <div class="choice">
        <button class="button decline" ?disabled=${one.answer === 'answering'} @click=${() => intents.decline(one.id)}>
          ${icon('hangUp')} Decline
        </button>
        <button class="button answer" ?disabled=${isBusy} @click=${() => intents.answer(one.id)}>
          ${icon('call')} ${state.line.state === 'call' ? 'End call and answer' : 'Answer'}
        </button>
      </div>
    </section>
  `
}

function hint(one: Incoming, state: SignedIn): TemplateResult | typeof nothing {
  if (one.problem !== undefined)
    return html`<p class="hint" role="alert"><strong>${one.problem.says}</strong> ${one.problem.todo}</p>`
  if (one.answer === 'askingMicrophone')
    return html`<p class="hint">Your browser asks for the microphone. Allow it to answer.</p>`
  if (state.line.state !== 'call') return nothing
  return html`<p class="hint">Answering ends your call with ${nameOf(state.line.other)}.</p>`
}
