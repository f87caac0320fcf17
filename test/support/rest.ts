/** The REST doors, asked by hand: for bodies that no client would send. */
import { signRequest } from '@parley/identity'
import type { Platform } from './platform.ts'

type Answer = { status: number; body: unknown }

/** Sends a request with a right signature over whatever the body is. */
export async function signedRest(platform: Platform, method: string, target: string, body: string): Promise<Answer> {
  const { host } = new URL(platform.url)
  const request = { method, target, host, body: new TextEncoder().encode(body) }
  const signature = signRequest(request, Buffer.from(platform.accessKey, 'base64'), Date.now())
  return sendRest(platform, method, target, body, { ...signature })
}

export async function sendRest(
  platform: Platform,
  method: string,
  target: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const answer = await fetch(platform.url + target, {
    method,
    ...(body === '' ? {} : { body }),
    headers: { 'content-type': 'application/json', ...headers },
  })
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) }
}
