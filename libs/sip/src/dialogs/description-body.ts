/** The session description in a body: alone, or as one part of several (RFC 3261 section 7.4, RFC 5621). */
import { bodyText, ContentType, type Message } from '../messages/index.ts'

export const sdpType = 'application/sdp'

export type DescriptionBody = { is: 'none' } | { is: 'sdp'; text: string } | { is: 'other'; contentType: string }

export function descriptionIn(message: Message): DescriptionBody {
  if (message.body.length === 0) return { is: 'none' }
  const contentType = message.headers.get(ContentType)
  // RFC 3261 section 20.15 demands a type; those who leave it out of an INVITE mean this one.
  if (contentType === undefined || contentType.value === sdpType) return { is: 'sdp', text: bodyText(message) }
  const boundary = contentType.parameters.get('boundary')
  if (!contentType.value.startsWith('multipart/') || boundary === undefined) {
    return { is: 'other', contentType: contentType.value }
  }
  const text = sdpPart(bodyText(message), boundary)
  return text === undefined ? { is: 'other', contentType: contentType.value } : { is: 'sdp', text }
}

const mostParts = 16

/** RFC 2046 section 5.1.1. */
function sdpPart(body: string, boundary: string): string | undefined {
  const [, ...parts] = `\r\n${body}`.split(`\r\n--${boundary}`, mostParts)
  for (const part of parts) {
    const end = part.indexOf('\r\n\r\n')
    const head = part.slice(0, Math.max(end, 0)).toLowerCase()
    if (head.split('\r\n').some((line) => /^content-type\s*:/.test(line) && line.includes(sdpType))) {
      return part.slice(end + 4)
    }
  }
  return undefined
}
