/** The pictures on buttons. Beside a text or an aria-label, so a screen reader never meets them. */
import { html, svg, type SVGTemplateResult, type TemplateResult } from 'lit'

/** A line drawing of 24 by 24 in the colour of the text around it. */
export function icon(name: IconName): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${shapes[name]}</svg>`
}

// prettier-ignore
const shapes = {
  call: svg`<path d="M6.6 3.5 9 3.2l1.9 4.4-1.8 1.7a12 12 0 0 0 5.6 5.6l1.7-1.8 4.4 1.9-.3 2.4a2.6 2.6 0 0 1-2.7 2.3A15.3 15.3 0 0 1 4.3 6.2a2.6 2.6 0 0 1 2.3-2.7Z"/>`,
  hangUp: svg`<path d="M3.3 14.9c-.6-.8-.7-2 .1-2.7a12.7 12.7 0 0 1 17.2 0c.8.7.7 1.9.1 2.7l-1.2 1.5-3.9-1.3-.1-2.4a11.2 11.2 0 0 0-7 0l-.1 2.4-3.9 1.3Z"/>`,
  microphone: svg`<rect x="9" y="3" width="6" height="11.5" rx="3"/><path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3"/>`,
  microphoneOff: svg`<path d="M9 9.5v2a3 3 0 0 0 4.6 2.5M15 11.5V6a3 3 0 0 0-5.7-1.3M5.5 11.5a6.5 6.5 0 0 0 10 5.5M18.5 11.5a6.4 6.4 0 0 1-.6 2.7M12 18v3M4 3.5l16 17"/>`,
  camera: svg`<rect x="3" y="6" width="12.5" height="12" rx="2.5"/><path d="m15.5 10.5 5.5-3v9l-5.5-3"/>`,
  cameraOff: svg`<path d="M9.5 6H13a2.5 2.5 0 0 1 2.5 2.5v2l5.5-3v9l-2-1.1M15.4 15.6A2.5 2.5 0 0 1 13 18H5.5A2.5 2.5 0 0 1 3 15.5v-7a2.5 2.5 0 0 1 2-2.4M4 3.5l16 17"/>`,
  leave: svg`<path d="M14 4H7a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h7M10.5 12H20M16.5 8.5 20 12l-3.5 3.5"/>`,
  close: svg`<path d="m6.5 6.5 11 11M17.5 6.5l-11 11"/>`,
  sound: svg`<path d="M4 9.5v5h3.5l4.5 4v-13l-4.5 4ZM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11"/>`,
  newWindow: svg`<path d="M13 4h7v7M20 4l-8.5 8.5M17.5 14v4a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V8.5a2 2 0 0 1 2-2h4"/>`,
  warning: svg`<path d="M12 4 2.8 19.5h18.4ZM12 10v4.5M12 17.1v.1"/>`,
} as const satisfies Record<string, SVGTemplateResult>

export type IconName = keyof typeof shapes
