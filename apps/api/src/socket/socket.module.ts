/** The socket door as a Nest module; its parts come in ready-made. */
import { Module, type DynamicModule } from '@nestjs/common'
import { AgentDoor } from './agent-door.ts'
import { AgentGateway } from './agent.gateway.ts'
import { ByeController } from './bye.controller.ts'

@Module({})
export class SocketModule {
  static register(door: AgentDoor): DynamicModule {
    return {
      module: SocketModule,
      controllers: [ByeController],
      providers: [{ provide: AgentDoor, useValue: door }, AgentGateway],
    }
  }
}
