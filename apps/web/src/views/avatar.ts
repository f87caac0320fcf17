import { html, type TemplateResult } from 'lit'
import { initialsOf, toneOf, type Person } from '../names.ts'
import { icon } from './icons.ts'

/** A round picture of somebody: initials on a colour that is his on every screen. Beside it stands the name. */
export function avatar(person: Person, size: 'small' | 'large' = 'small'): TemplateResult {
  return html`<span class="avatar ${size}" data-tone=${toneOf(person)} aria-hidden="true">${initialsOf(person)}</span>`
}

/** In the same place for a group or a room. */
export const meeting = html`<span class="avatar large" aria-hidden="true">${icon('group')}</span>`
