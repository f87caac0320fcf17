/** Settings of group calls. They count for those who come from then on; who waits or is inside stays as he is. */
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Put } from '@nestjs/common'
import { Describes } from '../openapi.ts'
import { JsonBody } from '../raw-body.ts'
import { Signed } from '../signed-request.guard.ts'
import { GroupBody, groupBodyOf } from './group-messages.ts'
import { Groups } from './groups.ts'

@Controller('groups')
@Signed()
export class GroupsController {
  constructor(@Inject(Groups) private readonly groups: Groups) {}

  @Put(':id')
  @Describes('Settles whether a group call has a lobby, and who lets people in', GroupBody, [200, GroupBody])
  async settle(@Param('id') id: string, @Body(new JsonBody(GroupBody)) body: GroupBody): Promise<GroupBody> {
    return groupBodyOf(await this.groups.settle(id, body.lobbyEnabled, body.presenters))
  }

  @Get(':id')
  @Describes('Shows what is settled for a group call', undefined, [200, GroupBody])
  async show(@Param('id') id: string): Promise<GroupBody> {
    return groupBodyOf(await this.groups.find(id))
  }

  @Delete(':id')
  @HttpCode(204)
  @Describes('Leaves a group call without settings, as it was before', undefined, [204])
  async delete(@Param('id') id: string): Promise<void> {
    await this.groups.delete(id)
  }
}
