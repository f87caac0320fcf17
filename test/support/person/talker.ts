/** Someone in a call: speaks and mutes, holds, brings others in and sends them away, and sees who is muted. */
import { soonMs } from '../until.ts'
import { Caller } from './caller.ts'
import type { Other } from './sdk-user.ts'

export class Talker extends Caller {
  mutes(): Promise<void> {
    return this.ask('mute', this.currentCall)
  }

  unmutes(): Promise<void> {
    return this.ask('unmute', this.currentCall)
  }

  /** Says nothing any more, without muting. */
  async fallsSilent(): Promise<void> {
    await this.page.evaluate(() => mouth.hush(true))
  }

  async speaks(): Promise<void> {
    await this.page.evaluate(() => mouth.hush(false))
  }

  isMuted(): Promise<boolean> {
    return this.ask('isMuted', this.currentCall)
  }

  /** Each change of the other side's isMuted, in order. */
  get seenMutes(): boolean[] {
    return this.notes('participantMuted').flatMap(({ call, isMuted }) => (call === this.currentCall ? [isMuted] : []))
  }

  /** Each change of his own isMuted, in order. */
  get ownMutes(): boolean[] {
    return this.notes('muted').flatMap(({ call, isMuted }) => (call === this.currentCall ? [isMuted] : []))
  }

  /** Each change of another's isMuted, in order. */
  mutesOf(other: Other): boolean[] {
    return this.notes('participantMuted').flatMap(({ call, id, isMuted }) =>
      call === this.currentCall && id === other.id ? [isMuted] : [],
    )
  }

  /** Waits until the newest change of the other side's isMuted is this one. */
  async seesMuted(isMuted: boolean, limitMs = soonMs): Promise<void> {
    const look = () => (this.seenMutes.at(-1) === isMuted ? true : undefined)
    await this.journal.when(isMuted ? 'mute of the other side' : 'unmute of the other side', look, limitMs)
  }

  adds(other: Other | string): Promise<void> {
    return this.does(({ call }, id) => void call.addParticipant({ communicationUserId: id }), idOf(other))
  }

  removes(other: Other | string): Promise<void> {
    return this.does(({ call }, id) => call.removeParticipant({ communicationUserId: id }), idOf(other))
  }

  holds(): Promise<void> {
    return this.does(({ call }) => call.hold())
  }

  resumes(): Promise<void> {
    return this.does(({ call }) => call.resume())
  }

  endsForAll(): Promise<void> {
    return this.does(({ call }) => call.hangUp({ forEveryone: true }))
  }
}

function idOf(one: Other | string): string {
  return typeof one === 'string' ? one : one.id
}
