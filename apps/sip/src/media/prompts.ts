/** What phones are told in words. The files are made by tools/prompts: µ-law at 8 kHz, without a header. */
import { readFileSync } from 'node:fs'

export const promptNames = [
  /** "You are muted. Press star 6 to unmute." */
  'muted',
  /** "You are now muted." */
  'now-muted',
  /** "You are now unmuted." */
  'unmuted',
  /** "You cannot unmute now." */
  'cannot-unmute',
  /** "Please wait to be let in." */
  'lobby',
  /** "Goodbye." */
  'goodbye',
] as const
export type PromptName = (typeof promptNames)[number]

const read = new Map<PromptName, Buffer>()

/** A prompt, read once. */
export function promptOf(name: PromptName): Buffer {
  const sound = read.get(name) ?? readFileSync(new URL(`../../prompts/${name}.ulaw`, import.meta.url))
  read.set(name, sound)
  return sound
}
