import { html, nothing, type TemplateResult } from 'lit'
import { isKey, keys } from '../keys.ts'
import { nameOf } from '../names.ts'
import type { Talk } from '../state.ts'
import { icon } from './icons.ts'
import type { Intents } from './intents.ts'

const spoken: Record<string, string> = { '*': 'star', '#': 'hash' }

/** Opens and closes the keys: the browser does, and gives the focus back. */
export const keypadControl = html`
  <button class="control" aria-label="Keypad" popovertarget="keypad">
    <span class="disc">${icon('keypad')}</span>
    <span class="caption" aria-hidden="true">Keypad</span>
  </button>
`

/** The keys for telephones in the call, to be clicked, or pressed on the keyboard while they are open. */
export function keypad({ pressed, heard }: Talk, intents: Intents): TemplateResult {
  const press = ({ key, ctrlKey, altKey, metaKey }: KeyboardEvent): void => {
    if (isKey(key) && !ctrlKey && !altKey && !metaKey) intents.press(key)
  }
  return html`
    <div id="keypad" class="more keypad" popover role="group" aria-label="Keypad" @keydown=${press}>
      <output class="pressed" aria-label="Keys that you pressed"
        >${pressed === '' ? nothing : html`<bdi>${pressed}</bdi>`}</output
      >
      <div class="keys">
        ${keys.map(
          ({ key, letters }) => html`
            <button
              class="key"
              aria-label=${spoken[key] ?? key}
              ?autofocus=${key === '1'}
              @click=${() => intents.press(key)}
            >
              <span>${key}</span> <span class="letters">${letters}</span>
            </button>
          `,
        )}
      </div>
      <p class="empty">${heard === undefined ? 'Telephones in the call hear what you press.' : keysHeard(heard)}</p>
    </div>
  `
}

/** What a telephone has pressed. */
export function keysHeard({ of, keys }: NonNullable<Talk['heard']>): TemplateResult {
  return html`<span><bdi>${nameOf(of)}</bdi> pressed <bdi>${keys}</bdi></span>`
}
