/** The bodies of the demo's doors. */
import { notAnObject } from '../raw-body.ts'
import { AccessToken } from '../identities/identity-messages.ts'
import * as z from 'zod/mini'

const nameSays = 'name must be 1 to 256 characters, without control characters.'

/** Characters that turn the direction of text: a name could make what stands beside it read otherwise. */
const bidiControls = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

const Name = z.string(nameSays).check(
  z.overwrite((name) => name.replace(bidiControls, '')),
  z.trim(),
  z.minLength(1, nameSays),
  z.maxLength(256, nameSays),
  z.regex(/^\P{Cc}*$/u, nameSays),
)

export const NewDemoIdentity = z.object({ name: Name }, notAnObject)
export type NewDemoIdentity = z.infer<typeof NewDemoIdentity>

export const Person = z.object({ user: z.string(), displayName: z.string() })
export type Person = z.infer<typeof Person>

export const DemoIdentity = z.extend(Person, AccessToken.shape)
export type DemoIdentity = z.infer<typeof DemoIdentity>
