/** ACS's SIP routing API (facts: SipRoutingClient of @azure/communication-phone-numbers). */
import { Body, Controller, Get, HttpCode, Inject, Patch, Post, Query } from '@nestjs/common'
import { ApiConsumes, ApiQuery } from '@nestjs/swagger'
import { ApiVersions } from '../api-version.guard.ts'
import { Describes, Refuses } from '../openapi.ts'
import { JsonBody } from '../raw-body.ts'
import { Signed } from '../signed-request.guard.ts'
import { RoutesForNumber, SipConfiguration, sipConfigurationOf, SipTrial, SipUpdate } from './sip-messages.ts'
import { SipRouting } from './sip-routing.ts'

/** What the released clients send. */
export const sipApiVersions = ['2023-03-01'] as const
/** ACS has the trial in previews only; their clients send these. */
const trialVersions = [...sipApiVersions, '2023-04-01-preview', '2024-11-15-preview']

const misnamed = { 400: 'It cannot be read; or, as innererror.code says, something is named twice.' }

@Controller()
@Signed()
export class SipController {
  constructor(@Inject(SipRouting) private readonly routing: SipRouting) {}

  @Get('sip')
  @ApiVersions(sipApiVersions)
  @Describes('Shows trunks and routes', undefined, [200, SipConfiguration])
  async show(): Promise<SipConfiguration> {
    return sipConfigurationOf(await this.routing.show())
  }

  @Patch('sip')
  @Refuses({ ...misnamed, 422: 'What innererror.code says is wrong with the trunks or routes.' })
  @ApiVersions(sipApiVersions)
  @ApiConsumes('application/merge-patch+json')
  @Describes('Changes trunks, removes those with null, and replaces the routes', SipUpdate, [200, SipConfiguration])
  async update(@Body(new JsonBody(SipUpdate)) body: SipUpdate): Promise<SipConfiguration> {
    return sipConfigurationOf(await this.routing.update(body))
  }

  @Post('sip::testRoutesWithNumber')
  @HttpCode(200)
  @Refuses({ ...misnamed, 422: 'What innererror.code says is wrong with the routes.' })
  @ApiVersions(trialVersions)
  @ApiQuery({ name: 'targetPhoneNumber', type: String, description: 'A number in E.164' })
  @Describes('Lists the routes that a number takes, among those given or those kept', SipTrial, [200, RoutesForNumber])
  async testRoutes(
    @Query('targetPhoneNumber') number: unknown,
    @Body(new JsonBody(SipTrial)) body: SipTrial,
  ): Promise<RoutesForNumber> {
    return { matchingRoutes: await this.routing.routesFor(number, body) }
  }
}
