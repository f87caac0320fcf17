import { html, nothing, type TemplateResult } from 'lit'
import { troubleSentences, type Sentence } from '../sentences.ts'
import type { SignedIn } from '../state.ts'
import { icon } from './icons.ts'
import type { Intents } from './intents.ts'

/** What a person should know beside the status: above everything, one line each, with what can be done. */
export function banners(state: SignedIn, intents: Intents): TemplateResult {
  return html`<div class="banners">
    ${linkBanner(state, intents)} ${soundBanner(state)} ${missedBanner(state, intents)}
  </div>`
}

type Banner = TemplateResult | typeof nothing

function linkBanner({ link }: SignedIn, intents: Intents): Banner {
  if (link.state === 'ranOut') return banner(troubleSentences.identityOverInCall, nothing)
  if (link.state !== 'failed') return nothing
  const again = html`<button class="button quiet" @click=${() => intents.reconnect()}>Try again</button>`
  return banner(link.problem, again)
}

/** The button needs no intent: any click on the page is what the browser waits for. */
function soundBanner({ isSoundBlocked }: SignedIn): Banner {
  if (!isSoundBlocked) return nothing
  return banner(
    troubleSentences.soundBlocked,
    html`<button class="button quiet">${icon('sound')} Turn sound on</button>`,
  )
}

/** Who called in vain while another call went on. */
function missedBanner({ line, lastEnd }: SignedIn, intents: Intents): Banner {
  if (line.state !== 'call' || lastEnd === undefined) return nothing
  const dismiss = html`<button class="button icon-only" aria-label="Dismiss" @click=${() => intents.dismissEnd()}>
    ${icon('close')}
  </button>`
  return banner(lastEnd.sentence, dismiss)
}

function banner({ says, todo }: Sentence, action: Banner): TemplateResult {
  return html`<div class="banner">
    <p role="alert">${says} ${todo}</p>
    ${action}
  </div>`
}
