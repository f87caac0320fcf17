/** The demo page's doors. They are there only while the demo is on. */
import { Body, Controller, Get, Headers, Inject, Post, UseGuards } from '@nestjs/common'
import { RouteConfig } from '@nestjs/platform-fastify'
import * as z from 'zod/mini'
import { Describes } from '../openapi.ts'
import { OurOriginGuard } from '../origins.ts'
import { JsonBody } from '../raw-body.ts'
import { Demo } from './demo.ts'
import { DemoIdentity, NewDemoIdentity, Person } from './demo-messages.ts'

/** For each address: some people who try things out together need a few dozen, a script would fill the database. */
const identitiesPerMinute = 60

@Controller('demo')
export class DemoController {
  constructor(@Inject(Demo) private readonly demo: Demo) {}

  @Post('identities')
  @UseGuards(OurOriginGuard)
  @RouteConfig({ rateLimit: { max: identitiesPerMinute, timeWindow: 60_000 } })
  @Describes('Makes an identity of this name, with a token that may call for an hour', NewDemoIdentity, [
    201,
    DemoIdentity,
  ])
  async newIdentity(@Body(new JsonBody(NewDemoIdentity)) { name }: NewDemoIdentity): Promise<DemoIdentity> {
    return this.demo.newIdentity(name)
  }

  @Get('people')
  @Describes('Who else is here; for the bearer of a token that may call', undefined, [200, z.array(Person)])
  async people(@Headers('authorization') authorization?: string): Promise<Person[]> {
    return this.demo.peopleFor(authorization)
  }
}
