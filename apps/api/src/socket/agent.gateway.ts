/** Nest's face of the socket door: it hands each new socket on. */
import type { IncomingMessage } from 'node:http'
import { Inject } from '@nestjs/common'
import { WebSocketGateway, type OnGatewayConnection } from '@nestjs/websockets'
import type { WebSocket } from 'ws'
import { socketPath } from '@parley/protocol'
import { AgentDoor } from './agent-door.ts'

@WebSocketGateway({ path: socketPath })
export class AgentGateway implements OnGatewayConnection<WebSocket> {
  constructor(@Inject(AgentDoor) private readonly door: AgentDoor) {}

  handleConnection(ws: WebSocket, request: IncomingMessage): void {
    this.door.welcome(ws, request)
  }
}
