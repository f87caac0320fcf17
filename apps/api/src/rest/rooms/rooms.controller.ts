/** ACS's rooms API (facts: @azure/communication-rooms): the same paths, bodies and answers. */
import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Inject,
  Param,
  Patch,
  Post,
  Query,
  Res,
} from '@nestjs/common'
import { ApiConsumes, ApiHeader, ApiQuery } from '@nestjs/swagger'
import { RoomId } from '@parley/protocol'
import type { FastifyReply } from 'fastify'
import * as z from 'zod/mini'
import { AcsError } from '../acs-error.ts'
import { ApiVersions } from '../api-version.guard.ts'
import { nextLink, positionIn } from '../list-position.ts'
import { Describes } from '../openapi.ts'
import { JsonBody } from '../raw-body.ts'
import { Signed } from '../signed-request.guard.ts'
import {
  CreateRoom,
  invitedIn,
  ParticipantList,
  participantListOf,
  RoomList,
  RoomModel,
  roomModelOf,
  roomWishIn,
  rosterChangesIn,
  UpdateParticipants,
  UpdateRoom,
} from './room-messages.ts'
import { Rooms } from './rooms.ts'

/** What the released clients send. */
export const roomApiVersions = ['2023-06-14', '2024-04-15', '2025-03-13'] as const

const mergePatch = 'application/merge-patch+json'

@Controller('rooms')
// Evaluated upwards: the signature is checked first.
@ApiVersions(roomApiVersions)
@Signed()
export class RoomsController {
  constructor(@Inject(Rooms) private readonly rooms: Rooms) {}

  @Post()
  @ApiHeader({ name: 'repeatability-request-id', required: false, description: 'A GUID; the same makes one room' })
  @Describes('Makes a room, and invites people to it', CreateRoom, [201, RoomModel])
  async create(
    @Body(new JsonBody(CreateRoom)) body: CreateRoom,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('repeatability-request-id') request?: string,
  ): Promise<RoomModel> {
    const repeatabilityId = readRepeatabilityId(request)
    const room = await this.rooms.create(roomWishIn(body), invitedIn(body), repeatabilityId)
    reply.header('location', room.id)
    if (repeatabilityId !== undefined) reply.header('repeatability-result', 'accepted')
    return roomModelOf(room)
  }

  @Get()
  @ApiQuery({ name: 'after', required: false, type: String, description: 'Where a former page ended' })
  @Describes('Lists the rooms, the newest first', undefined, [200, RoomList])
  async list(@Query('api-version') version: string, @Query('after') after?: string): Promise<RoomList> {
    const { items, last } = await this.rooms.list(positionIn(after, RoomId))
    const value = items.map(roomModelOf)
    return last === undefined ? { value } : { value, nextLink: nextLink('/rooms', last, { 'api-version': version }) }
  }

  @Get(':id')
  @Describes('Shows a room', undefined, [200, RoomModel])
  async show(@Param('id') id: string): Promise<RoomModel> {
    return roomModelOf(await this.rooms.find(id))
  }

  @Patch(':id')
  @ApiConsumes(mergePatch)
  @Describes('Changes a room; its call closes when the room does', UpdateRoom, [200, RoomModel])
  async update(@Param('id') id: string, @Body(new JsonBody(UpdateRoom)) body: UpdateRoom): Promise<RoomModel> {
    return roomModelOf(await this.rooms.update(id, roomWishIn(body)))
  }

  @Delete(':id')
  @HttpCode(204)
  @Describes('Deletes a room and ends its call', undefined, [204])
  async delete(@Param('id') id: string): Promise<void> {
    await this.rooms.delete(id)
  }

  @Get(':id/participants')
  @Describes('Lists who is invited', undefined, [200, ParticipantList])
  async participants(@Param('id') id: string): Promise<ParticipantList> {
    return participantListOf(await this.rooms.roster(id))
  }

  @Patch(':id/participants')
  @ApiConsumes(mergePatch)
  @Describes('Invites people, changes their roles, and uninvites those with null', UpdateParticipants, [
    200,
    z.object({}),
  ])
  async changeParticipants(
    @Param('id') id: string,
    @Body(new JsonBody(UpdateParticipants)) body: UpdateParticipants,
  ): Promise<Record<string, never>> {
    await this.rooms.changeRoster(id, rosterChangesIn(body))
    return {}
  }
}

/** OASIS Repeatable Requests 1.0: a GUID that the client keeps when it asks again. */
function readRepeatabilityId(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const read = z.guid().safeParse(header)
  if (read.success) return read.data.toLowerCase()
  throw new AcsError(400, 'BadRequest', 'The Repeatability-Request-ID header is no GUID.')
}
