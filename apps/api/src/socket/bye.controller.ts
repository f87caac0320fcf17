/** `POST /agent/bye`: the beacon of a page that is being closed. It comes as text, so that no preflight delays it. */
import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common'
import { ApiExcludeController } from '@nestjs/swagger'
import { socketPath } from '@parley/protocol'
import { readJson } from '../rest/raw-body.ts'
import { AgentDoor } from './agent-door.ts'

@ApiExcludeController()
@Controller(socketPath)
export class ByeController {
  constructor(@Inject(AgentDoor) private readonly door: AgentDoor) {}

  @Post('bye')
  @HttpCode(204)
  async bye(@Body() body: unknown): Promise<void> {
    await this.door.bye(typeof body === 'string' ? readJson(Buffer.from(body)) : undefined)
  }
}
