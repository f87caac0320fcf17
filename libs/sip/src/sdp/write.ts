/** Writes a session description, in the order that RFC 8866 section 5 demands. */
import type { Attribute, Connection, MediaDescription, SessionDescription } from './description.ts'

/** The text of a description, with the line ends that it has in a body. */
export function writeSdp(description: SessionDescription): string {
  const { origin, name, connection, attributes, media } = description
  const lines = [
    'v=0',
    `o=${origin.username} ${origin.sessionId} ${origin.version} ${written(origin.connection)}`,
    `s=${name}`,
    ...(connection === undefined ? [] : [`c=${written(connection)}`]),
    't=0 0',
    ...attributes.map(attributeLine),
    ...media.flatMap(mediaLines),
  ]
  if (lines.some((line) => /[\r\n]/.test(line))) throw new Error('a value of a description cannot hold a line end')
  return lines.map((line) => `${line}\r\n`).join('')
}

function mediaLines({ type, port, protocol, formats, connection, attributes }: MediaDescription): string[] {
  return [
    `m=${[type, port, protocol, ...formats].join(' ')}`,
    ...(connection === undefined ? [] : [`c=${written(connection)}`]),
    ...attributes.map(attributeLine),
  ]
}

function written({ family, address }: Connection): string {
  return `IN ${family} ${address}`
}

function attributeLine({ name, value }: Attribute): string {
  return value === undefined ? `a=${name}` : `a=${name}:${value}`
}
