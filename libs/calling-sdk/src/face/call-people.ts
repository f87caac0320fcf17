import type { CallView, LegId, PhoneNumber, RawId } from '@parley/protocol'
import type { Leg } from '../link/leg.ts'
import type { Pictures } from '../media/pictures.ts'
import { endReasonOfError } from './call-info.ts'
import type { RemoteParticipant } from './contract/call.ts'
import { ParleyLobby } from './lobby.ts'
import { People } from './people.ts'

type Update = { added: RemoteParticipant[]; removed: RemoteParticipant[] }

/** Who is in one call, who waits to be let in, and how somebody comes in or is shown out. */
export class CallPeople {
  private readonly leg: Leg
  private readonly people: People
  private waiting: ParleyLobby | undefined

  constructor(leg: Leg, on: { updated(update: Update): void }) {
    this.leg = leg
    this.people = new People({
      updated: (update) => on.updated(update),
      mute: async (id) => {
        await leg.ask('call.muteOthers', { who: [id] })
      },
      waiting: (id) => this.waiting?.find(id),
    })
  }

  get list(): RemoteParticipant[] {
    return this.people.list
  }

  /** There for those who may let people in, while the call has a lobby. */
  get lobby(): ParleyLobby | undefined {
    return this.waiting
  }

  find(id: RawId): RemoteParticipant | undefined {
    return this.people.find(id)
  }

  /** Somebody whom the call itself rings. */
  expect(id: RawId): void {
    this.people.expect(id)
  }

  /** Rings somebody to come in. Whoever is there already stays as he is; who cannot be rung leaves again, with a reason. */
  add(id: RawId, callerId?: PhoneNumber): RemoteParticipant {
    const known = this.people.find(id)
    if (known !== undefined) return known
    const person = this.people.invite(id)
    void this.askIn(id, callerId === undefined ? {} : { callerId })
    return person
  }

  async remove(id: RawId): Promise<void> {
    await this.leg.ask('call.remove', { who: id })
  }

  see(view: CallView): void {
    this.people.see(view.participants)
    if (view.lobby !== undefined) this.waiting ??= this.openLobby()
    this.waiting?.see(view.lobby ?? [])
    if (view.lobby === undefined) this.waiting = undefined
  }

  showFrom(pictures: Pictures): void {
    this.people.showFrom(pictures)
  }

  hear(speaking: readonly LegId[]): void {
    this.people.hear(speaking)
  }

  /** The call is over: everybody is gone, some with a reason in its last view. */
  close(): void {
    this.people.close(this.leg.view?.participants ?? [])
    this.waiting?.see([])
  }

  private async askIn(id: RawId, showing: { callerId?: PhoneNumber }): Promise<void> {
    try {
      const { call } = await this.leg.ask('call.add', { who: [id], ...showing })
      this.people.invitedBy(id)
      this.leg.see(call)
      // A newer view than the reply's may have come while he was only expected.
      if (this.leg.view !== undefined && this.leg.end === undefined) this.people.see(this.leg.view.participants)
    } catch (error) {
      this.people.uninvite(id, endReasonOfError(error))
    }
  }

  private openLobby(): ParleyLobby {
    return new ParleyLobby({
      people: this.people,
      admit: (who) => this.leg.ask('call.admit', who === undefined ? {} : { who }),
      deny: (who) => this.leg.ask('call.deny', { who }),
    })
  }
}
