/**
 * Bodies as they came: a signature covers bytes, so the bytes are kept until a door that knows its shape reads them.
 * An empty body is none, whatever its content type says: ACS's createUser sends that.
 */
import type { PipeTransform } from '@nestjs/common'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyRequest } from 'fastify'
import * as z from 'zod/mini'
import { AcsError, acsErrorOfStatus, internalError, invalidBody } from './acs-error.ts'

export const maxBodyBytes = 256 * 1024
const maxDepth = 32
const maxArrayItems = 1000

/** Names that a careless copy would write into a prototype. No message of ours has them. */
const forbiddenNames = new Set(['__proto__', 'constructor', 'prototype'])

const jsonTypes = ['application/json', 'application/merge-patch+json']

/** Makes Fastify hand JSON bodies on unread. */
export function keepRawBodies(app: NestFastifyApplication): void {
  for (const type of jsonTypes) {
    app.useBodyParser(type, { bodyLimit: maxBodyBytes }, (_request, body, done) => {
      done(null, body.length === 0 ? undefined : body)
    })
  }
}

/** The bytes of a request's body. @throws AcsError 415 when the body came as anything but JSON */
export function rawBodyOf({ body }: Pick<FastifyRequest, 'body'>): Buffer {
  if (body === undefined || body === null) return Buffer.alloc(0)
  if (Buffer.isBuffer(body)) return body
  throw acsErrorOfStatus(415) ?? internalError()
}

/**
 * Reads a body as JSON; undefined when there is none.
 * @throws AcsError 400 for no JSON, for one that is nested too deep, and for names that no message has
 */
export function readJson(body: Buffer): unknown {
  if (body.length === 0) return undefined
  const value = parse(body)
  checkShape(value, 1)
  return value
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(body))
  } catch (error) {
    throw new AcsError(400, 'BadRequest', 'The body is no JSON in UTF-8.', { cause: error })
  }
}

function checkShape(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return
  if (depth > maxDepth) throw tooMuch(`is nested deeper than ${maxDepth} levels`)
  if (Array.isArray(value)) {
    if (value.length > maxArrayItems) throw tooMuch(`has a list of more than ${maxArrayItems} items`)
    for (const item of value) checkShape(item, depth + 1)
    return
  }
  for (const [name, item] of Object.entries(value)) {
    if (forbiddenNames.has(name)) throw tooMuch(`has a member named ${name}`)
    checkShape(item, depth + 1)
  }
}

function tooMuch(what: string): AcsError {
  return new AcsError(400, 'BadRequest', `The body ${what}.`)
}

/** What a schema says of a body that is a list, a text or a number. */
export const notAnObject = 'The body must be a JSON object.'

/** Reads a body by its schema. A door without a body sees `{}`, so that every body is an object. */
export class JsonBody<Schema extends z.ZodMiniType> implements PipeTransform<unknown, z.infer<Schema>> {
  constructor(
    private readonly schema: Schema,
    private readonly code = 'BadRequest',
  ) {}

  transform(body: unknown): z.infer<Schema> {
    const read = this.schema.safeParse(readJson(rawBodyOf({ body })) ?? {})
    if (!read.success) throw invalidBody(read.error, this.code)
    return read.data
  }
}
