/** What a trunk is beyond its name and port. The doors are ours; ACS knows no more of a trunk than these two. */
import { Body, Controller, Get, Inject, Param, Patch } from '@nestjs/common'
import { ApiConsumes } from '@nestjs/swagger'
import { Describes, Refuses } from '../openapi.ts'
import { JsonBody } from '../raw-body.ts'
import { Signed } from '../signed-request.guard.ts'
import { TrunkList, TrunkModel, TrunkUpdate } from './trunk-messages.ts'
import { Trunks } from './trunks.ts'

const noSuchTrunk = { 404: 'There is no such trunk.' }

@Controller('phones/trunks')
@Signed()
export class TrunksController {
  constructor(@Inject(Trunks) private readonly trunks: Trunks) {}

  @Get()
  @Describes('Lists the trunks, with how they are', undefined, [200, TrunkList])
  async list(): Promise<TrunkList> {
    return { value: await this.trunks.list() }
  }

  @Get(':fqdn')
  @Refuses(noSuchTrunk)
  @Describes('Shows a trunk; its password never', undefined, [200, TrunkModel])
  async show(@Param('fqdn') fqdn: string): Promise<TrunkModel> {
    return this.trunks.find(fqdn)
  }

  @Patch(':fqdn')
  @Refuses({ ...noSuchTrunk, 409: 'The trunk comes from SIP_TRUNK and is changed there.' })
  @ApiConsumes('application/merge-patch+json')
  @Describes('Changes a trunk; null sets back', TrunkUpdate, [200, TrunkModel])
  async update(@Param('fqdn') fqdn: string, @Body(new JsonBody(TrunkUpdate)) body: TrunkUpdate): Promise<TrunkModel> {
    return this.trunks.update(fqdn, body)
  }
}
