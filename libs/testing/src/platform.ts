/** A running platform, seen by whoever tests an app that calls over it. */
import { systemClock } from '@parley/calling-sdk/link'
import { Pacer } from './media/pacer.ts'
import type { Sound } from './media/sounds.ts'
import { Participant, type Arrival } from './participant.ts'
import { ServerApp } from './server-app.ts'

/** So many arrive at a time: of sockets that have said nothing yet, the server takes a few from one address. */
const atOnce = 4

const names = ['ann', 'bob', 'cem', 'dora', 'emil', 'fatma', 'gus', 'hana', 'ines', 'jan', 'kim', 'lena'] as const

/** So many participants, so that each may be given a name; of a number that is not known before, any number. */
type Some<N extends number, Made extends Participant[] = []> = number extends N
  ? Participant[]
  : Made['length'] extends N
    ? Made
    : Some<N, [...Made, Participant]>

export class TestPlatform {
  /** For what virtual participants do not do: rooms, revoking tokens. */
  readonly serverApp: ServerApp
  readonly #pacer = new Pacer(systemClock)
  readonly #here: Participant[] = []

  constructor(connectionString: string) {
    this.serverApp = new ServerApp(connectionString)
  }

  /** Makes some users and connects them. `speaking` says in turn what each says; who gets none listens. */
  async participants<const N extends number>(
    count: N,
    { speaking = [] }: { speaking?: readonly Sound[] } = {},
  ): Promise<Some<N>> {
    const arrived: Participant[] = []
    while (arrived.length < count) {
      const some = Array.from({ length: Math.min(atOnce, count - arrived.length) }, (_, index) => {
        const sound = speaking[arrived.length + index]
        return this.participant(sound === undefined ? {} : { speaking: sound })
      })
      arrived.push(...(await Promise.all(some)))
    }
    return arrived as Some<N> // the loop above has ended with exactly so many
  }

  /** Makes one user and connects him. Without a name he gets the next of some. */
  async participant({ name = this.#nextName(), ...arrival }: Partial<Arrival> = {}): Promise<Participant> {
    const user = await this.serverApp.createUser()
    const participant = await Participant.arrive(user, { name, ...arrival }, this.#pacer)
    this.#here.push(participant)
    return participant
  }

  /** Sends everybody home. @throws what had gone wrong for them on the way */
  async close(): Promise<void> {
    const here = this.#here.splice(0)
    await Promise.all(here.map((participant) => participant.leave()))
    const faults = here.flatMap((participant) => participant.faults)
    if (faults.length > 0) throw new AggregateError(faults, 'Something went wrong for virtual participants.')
  }

  #named = 0
  #nextName(): string {
    this.#named += 1
    return names[this.#named - 1] ?? `guest-${this.#named}`
  }
}

/** Connects to a platform with the connection string that it prints when it starts. */
export function connect(connectionString: string): Promise<TestPlatform> {
  return Promise.resolve(new TestPlatform(connectionString))
}
