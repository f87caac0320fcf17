/** Someone who sees the others in his call: who is there, who comes and goes, and how each of them is. */
import { until } from '../until.ts'
import { Talker } from './talker.ts'
import type { Other } from './sdk-user.ts'

/** How someone sees another of his call (ACS: RemoteParticipant). */
type Seen = {
  displayName?: string
  state: string
  isMuted: boolean
  isSpeaking: boolean
  /** How many endpoints he is there with. */
  endpoints: number
}

export class Onlooker extends Talker {
  /** Whom he sees in his call now, each with his state. */
  people(): Promise<{ id: string; state: string }[]> {
    return this.does(({ call }) =>
      call.remoteParticipants.map(({ identifier, state }) => {
        if ('phoneNumber' in identifier) return { id: `4:${identifier.phoneNumber}`, state }
        return { id: 'communicationUserId' in identifier ? identifier.communicationUserId : identifier.kind, state }
      }),
    )
  }

  /** Waits until he sees these people connected in his call, and nobody else. */
  async seesPeople(...others: Other[]): Promise<void> {
    const expected = others.map(({ id }) => `${id} Connected`).toSorted()
    await until(`${others.map(({ name }) => name).join(', ') || 'nobody'} in the call of ${this.name}`, async () => {
      const seen = (await this.people()).map(({ id, state }) => `${id} ${state}`).toSorted()
      return seen.join() === expected.join() ? { found: true } : { sawOnly: seen.join(', ') || 'nobody' }
    })
  }

  /** Waits until he sees another of his call like this. */
  async sees(other: Other, expected: Partial<Seen>): Promise<void> {
    await until(`${JSON.stringify(expected)} of ${other.name} at ${this.name}`, async () => {
      const seen = await this.does(({ call }, id) => {
        const found = call.remoteParticipants.find(({ identifier }) =>
          'phoneNumber' in identifier
            ? `4:${identifier.phoneNumber}` === id
            : 'communicationUserId' in identifier && identifier.communicationUserId === id,
        )
        if (found === undefined) return undefined
        const { displayName, state, isMuted, isSpeaking, endpointDetails } = found
        return { displayName, state, isMuted, isSpeaking, endpoints: endpointDetails.length }
      }, other.id)
      const isIt = Object.entries(expected).every(([name, value]) => seen?.[name as keyof typeof seen] === value)
      return seen !== undefined && isIt ? { found: true } : { sawOnly: JSON.stringify(seen) ?? 'nobody' }
    })
  }

  /** Who came into his call and who left it, in order: `+ann`, `-ann` by the name of that person. */
  comingsAndGoings(...others: Other[]): string[] {
    return this.notes('participantCame', 'participantLeft').flatMap(({ call, what, id }) => {
      const name = others.find((one) => one.id === id)?.name
      return call === this.currentCall && name !== undefined ? [`${what === 'participantCame' ? '+' : '-'}${name}`] : []
    })
  }

  /** The states of the other participant, in order. */
  get participantStates(): string[] {
    return this.notes('participantState').flatMap(({ call, state }) => (call === this.currentCall ? [state] : []))
  }

  /** The states of one other participant, in order. */
  statesOf(other: Other): string[] {
    return this.notes('participantState').flatMap(({ call, id, state }) =>
      call === this.currentCall && id === other.id ? [state] : [],
    )
  }
}
