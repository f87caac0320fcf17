/** What is said between signalling and the threads that hold sound. */
import type { ConsumerOptions, PlainMedia, RtpParameters, SrtpParameters } from '@parley/protocol'
import type { Agreed } from './agreed.ts'
import type { LegEvent, LegStats } from './leg-events.ts'
import type { PromptName } from './prompts.ts'

/** Orders about one leg, each with what it is answered with. */
type Orders = {
  /** Binds both ports on this address. Legs of one call share a mix. */
  open: { body: { call: string; listenIp: string; ports: { rtp: number; rtcp: number }; sfuKeys: SrtpParameters } }
  connect: { body: { agreed: Agreed }; result: RtpParameters }
  bridge: { body: { media: Pick<PlainMedia, 'ip' | 'port' | 'srtpParameters'> }; result: RtpParameters }
  hear: { body: { consumers: ConsumerOptions[] } }
  sendDigits: { body: { digits: string; durationMs: number } }
  playPrompt: { body: { prompts: PromptName[] }; result: boolean }
  playMusic: { body: { isOn: boolean } }
  stats: { body: object; result: LegStats }
  close: { body: object }
}

export type OrderOf<O extends keyof Orders> = { order: O } & Orders[O]['body']
export type ResultOf<O extends keyof Orders> = Orders[O] extends { result: infer R } ? R : void
export type LegOrder = { [O in keyof Orders]: OrderOf<O> }[keyof Orders]

/** To a thread. */
export type ToThread = { id: number; leg: number; order: LegOrder }
/** From a thread: answers, and what happens by itself. An error's `code` is that of a socket that could not be bound. */
export type FromThread =
  | { id: number; result: unknown }
  | { id: number; error: { message: string; code?: string } }
  | { leg: number; event: LegEvent }
