import { html, nothing, type TemplateResult } from 'lit'
import type { SignedIn } from '../state.ts'
import type { Intents } from './intents.ts'

/** The test before a call: that it runs, and what it has found. */
export function check({ check }: SignedIn, intents: Intents): TemplateResult | typeof nothing {
  if (check === undefined) return nothing
  const isRunning = check === 'running'
  return html`
    <section class="check" aria-labelledby="check-title" aria-live="polite">
      <h2 id="check-title">${isRunning ? 'Testing devices and network …' : 'What the test has found'}</h2>
      ${
        isRunning
          ? html`<progress aria-label="The test runs"></progress>`
          : html`<ul>
              ${check.map((sentence) => html`<li>${sentence}</li>`)}
            </ul>`
      }
      <button class="button quiet" @click=${() => intents.dismissCheck()}>${isRunning ? 'Cancel' : 'Dismiss'}</button>
    </section>
  `
}
