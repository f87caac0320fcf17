/**
 * A session description (RFC 8866) as a value: what calls need of it is typed, all other attributes stay as they came.
 * Values are never changed; `with…` functions make new ones.
 */

export type Attribute = { name: string; value?: string }

/** `c=`: where media goes to. `address` as it is written, without brackets. */
export type Connection = { family: 'IP4' | 'IP6'; address: string }

/** `o=`. Both numbers can be larger than a JavaScript number is exact, so they stay texts. */
export type Origin = { username: string; sessionId: string; version: string; connection: Connection }

export type MediaDescription = {
  /** audio, video, image … */
  type: string
  /** 0 refuses the medium, or ends it (RFC 3264 sections 5.1 and 6). */
  port: number
  /** RTP/AVP, RTP/SAVP, UDP/TLS/RTP/SAVPF … */
  protocol: string
  formats: readonly string[]
  connection?: Connection
  attributes: readonly Attribute[]
}

export type SessionDescription = {
  origin: Origin
  name: string
  connection?: Connection
  attributes: readonly Attribute[]
  media: readonly MediaDescription[]
}

type WithAttributes = { attributes: readonly Attribute[] }

/** The value of the first attribute of a name; undefined when it is not there, or is only a flag. */
export function attributeOf({ attributes }: WithAttributes, name: string): string | undefined {
  return attributes.find((attribute) => attribute.name === name)?.value
}

/** Whether there is such an attribute, a flag among them. */
export function hasAttribute({ attributes }: WithAttributes, name: string): boolean {
  return attributes.some((attribute) => attribute.name === name)
}

/** The values of all attributes of a name, in their order. */
export function attributesOf({ attributes }: WithAttributes, name: string): string[] {
  return attributes.flatMap((attribute) => (attribute.name === name ? (attribute.value ?? []) : []))
}

/** `c=` for an address of either family. */
export function connectionTo(address: string): Connection {
  return { family: address.includes(':') ? 'IP6' : 'IP4', address }
}
