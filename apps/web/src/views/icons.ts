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
  group: svg`<circle cx="9" cy="8.5" r="3.2"/><path d="M2.8 19a6.2 6.2 0 0 1 12.4 0M15.5 5.6a3.1 3.1 0 0 1 0 5.9M17.4 14a5.8 5.8 0 0 1 3.8 5"/>`,
  add: svg`<circle cx="10" cy="8.5" r="3.2"/><path d="M3.8 19a6.2 6.2 0 0 1 11.2-3.6M18 14.5v6M15 17.5h6"/>`,
  screen: svg`<rect x="3" y="4.5" width="18" height="12" rx="2"/><path d="M8.5 20h7M12 13.5v-6M9.2 10 12 7.3l2.8 2.7"/>`,
  hand: svg`<path d="M7.5 12.5V6.4a1.4 1.4 0 0 1 2.8 0v5M10.3 11V4.6a1.4 1.4 0 0 1 2.8 0V11M13.1 11V5.6a1.4 1.4 0 0 1 2.8 0V12M15.9 12V8.6a1.3 1.3 0 0 1 2.6 0v5.6a6.8 6.8 0 0 1-6.8 6.8c-2.6 0-4-1.1-5.2-3.2l-2.3-4c-.9-1.5 1-2.8 2.1-1.5l1.2 1.6"/>`,
  more: svg`<path d="M5.5 12h.01M12 12h.01M18.5 12h.01" stroke-width="3"/>`,
  pause: svg`<path d="M9 5.5v13M15 5.5v13" stroke-width="2.6"/>`,
  resume: svg`<path d="M8 5.2v13.6L19 12Z"/>`,
  door: svg`<path d="M6 20.5V4.5a1 1 0 0 1 1-1h10a1 1 0 0 1 1 1v16M3.5 20.5h17M14.6 12.2v.1"/>`,
  link: svg`<path d="M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1.2 1.2M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1.2-1.2"/>`,
  like: svg`<path d="M7.5 11 11 3.8a2 2 0 0 1 2.6 2.4L12.8 9.5h5.4a2 2 0 0 1 2 2.4l-1.2 6a2 2 0 0 1-2 1.6H7.5ZM7.5 11H4v8.5h3.5"/>`,
  heart: svg`<path d="M12 20S3.5 15 3.5 9.2A4.5 4.5 0 0 1 12 7a4.5 4.5 0 0 1 8.5 2.2C20.5 15 12 20 12 20Z"/>`,
  laugh: svg`<circle cx="12" cy="12" r="8.5"/><path d="M7.5 13.2h9a4.5 4.5 0 0 1-9 0ZM8 9.8l1.2-1 1.2 1M13.6 9.8l1.2-1 1.2 1"/>`,
  applause: svg`<path d="m5 12.5 4.8 5.6a4.4 4.4 0 0 0 6.4.3l1.6-1.6a4.4 4.4 0 0 0 .9-4.9l-1.9-4.3a1.2 1.2 0 0 0-2.2.9l.8 2.4-4.6-5a1.2 1.2 0 0 0-1.8 1.6M9 7.2 8 6.1a1.2 1.2 0 0 0-1.8 1.6l4 4.5M6.8 8.4A1.2 1.2 0 0 0 5 10l3.6 4M6.9 12.1A1.2 1.2 0 0 0 5 12.5M17.8 2.5v2.4M21 4l-1.6 1.8M22 7.5h-2.3"/>`,
  surprised: svg`<circle cx="12" cy="12" r="8.5"/><circle cx="12" cy="15.2" r="2"/><path d="M9 9.4v.6M15 9.4v.6"/>`,
  keypad: svg`<path d="M6.5 5.5h.01M12 5.5h.01M17.5 5.5h.01M6.5 11h.01M12 11h.01M17.5 11h.01M6.5 16.5h.01M12 16.5h.01M17.5 16.5h.01M12 21h.01" stroke-width="3"/>`,
  warning: svg`<path d="M12 4 2.8 19.5h18.4ZM12 10v4.5M12 17.1v.1"/>`,
} as const satisfies Record<string, SVGTemplateResult>

export type IconName = keyof typeof shapes
