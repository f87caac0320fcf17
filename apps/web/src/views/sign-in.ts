import { html, type TemplateResult } from 'lit'
import type { SignedOut } from '../state.ts'
import type { Intents } from './intents.ts'

/** Long enough for a name, short enough for a button with it. */
const maxNameLength = 40

/** Asks for a name. */
export function signIn(state: SignedOut, intents: Intents): TemplateResult {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (!(event.target instanceof HTMLFormElement)) return
    const name = new FormData(event.target).get('name')
    if (typeof name === 'string' && name.trim() !== '') intents.signIn(name.trim())
  }
  return html`
    <form class="sign-in" @submit=${submit}>
      <label for="name">Your name</label>
      <input
        id="name"
        name="name"
        .defaultValue=${state.name}
        maxlength=${maxNameLength}
        placeholder="As others will see it"
        autocomplete="nickname"
        autocapitalize="words"
        spellcheck="false"
        required
        ?readonly=${state.isBusy}
      />
      <button class="button primary" aria-disabled=${state.isBusy}>
        ${state.isBusy ? 'One moment …' : 'Continue'}
      </button>
    </form>
    <p class="small print">You get an identity for one hour, in this window only. No account, nothing to install.</p>
  `
}
