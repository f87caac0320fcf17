/** The OpenAPI 3.1 page at /docs: the doors' own schemas, so that it says what they check. */
import { applyDecorators } from '@nestjs/common'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import {
  ApiBody,
  ApiOperation,
  ApiResponse,
  DocumentBuilder,
  SwaggerModule,
  type ApiResponseSchemaHost,
  type OpenAPIObject,
} from '@nestjs/swagger'
import * as z from 'zod/mini'

/** The name of the way in which server apps prove themselves. */
export const signature = 'HMAC-SHA256'

type Answer = readonly [status: number, schema?: z.ZodMiniType]

/** Describes a door: what it does, the body that it takes, how it answers. Refusals have the same form everywhere. */
export function Describes(summary: string, body: z.ZodMiniType | undefined, [status, answer]: Answer): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary }),
    ...(body === undefined ? [] : [bodyOf(body), Refuses({ 400: 'The body is not what this door takes.' })]),
    ApiResponse({ status, ...(answer === undefined ? {} : { schema: jsonSchemaOf(answer, 'output') }) }),
    Refuses({ default: 'Refused' }),
  )
}

/** Says of each status by which a door refuses what it means there; of a class, at all its doors. */
export function Refuses(refusals: Readonly<Record<string, string>>): ClassDecorator & MethodDecorator {
  const schema = jsonSchemaOf(AcsErrorSchema, 'output')
  const responses = Object.entries(refusals).map(([status, description]) =>
    ApiResponse({ status: status === 'default' ? status : Number(status), description, schema }),
  )
  return applyDecorators(...responses)
}

/** Serves the page, and the document itself at /docs-json. */
export function serveOpenApi(app: NestFastifyApplication, publicUrl: string): void {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Parley')
    .setDescription(
      'Identities, tokens, rooms and SIP routing by the contract of Azure Communication Services. Server apps sign their requests with ' +
        'HMAC-SHA256 and an access key; the clients that Microsoft publishes do so.',
    )
    .setVersion('0.1.0')
    .addServer(publicUrl)
    .addSecurity(signature, {
      type: 'apiKey',
      in: 'header',
      name: 'authorization',
      description: 'HMAC-SHA256 with an access key over x-ms-date, host and x-ms-content-sha256, as ACS has it.',
    })
    .build()
  SwaggerModule.setup('docs', app, () => withWrittenPaths(SwaggerModule.createDocument(app, config)))
}

/** Two colons in a route are one in the path that it serves, and a path's parameters stand in braces. */
function withWrittenPaths(document: OpenAPIObject): OpenAPIObject {
  const paths = Object.entries(document.paths).map(([path, doors]) => [path.replaceAll('::', ':'), doors])
  return { ...document, paths: Object.fromEntries(paths) }
}

const errorNode = { code: z.string(), message: z.string(), target: z.optional(z.string()) }
const AcsErrorSchema = z.object({
  error: z.object({
    ...errorNode,
    details: z.optional(z.array(z.object(errorNode))),
    innererror: z.optional(z.object(errorNode)),
  }),
})

/** An empty body counts as {}, so a door that takes that takes none. */
function bodyOf(schema: z.ZodMiniType): MethodDecorator {
  return ApiBody({ schema: jsonSchemaOf(schema, 'input'), required: !schema.safeParse({}).success })
}

function jsonSchemaOf(schema: z.ZodMiniType, io: 'input' | 'output'): ApiResponseSchemaHost['schema'] {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { target: 'draft-2020-12', io })
  // OpenAPI 3.1 takes JSON Schema 2020-12 as it is; Nest's type is the narrower one of 3.0.
  return json as ApiResponseSchemaHost['schema']
}
