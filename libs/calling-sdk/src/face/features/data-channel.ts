import { maxDataBytes, type RawId } from '@parley/protocol'
import { failed } from '../../calling-error.ts'
import type { PropertyChangedEvent } from '../contract/events.ts'
import type { CommunicationIdentifier, CommunicationIdentifierKind } from '../contract/identifiers.ts'
import { Emitter } from '../emitter.ts'
import { identifierOf } from '../identifiers.ts'
import { type Listenable, listenable, ofCall } from './feature.ts'
import { some } from './roll.ts'

type SenderOptions = {
  /** Up to 65535; a random one when it is not given. */
  channelId?: number
  /** Everybody, when nobody is named. */
  participants?: CommunicationIdentifier[]
  /** Taken; all that is sent goes over the agent's own connection, in order and without loss. */
  bitrateInKbps?: number
  priority?: 'High' | 'Normal'
  reliability?: 'Durable' | 'Lossy'
}
type Message = { sequenceNumber: number; data: Uint8Array }
/** What one participant sends over one channel. */
export type DataChannelReceiver = Listenable<ReceiverEvents> & {
  channelId: number
  senderParticipantIdentifier: CommunicationIdentifierKind
  /** The oldest one that was not read; unread ones above 256 are dropped, the oldest first. */
  readMessage(): Message | undefined
}
type ReceiverEvents = { messageReady: PropertyChangedEvent; close: PropertyChangedEvent }
type Receiving = { receiver: DataChannelReceiver; from: RawId; take(data: string): void; close(): void }
const maxUnread = 256

/** ACS: DataChannel. */
export const DataChannel = ofCall(
  'DataChannel',
  (context, events: Emitter<{ dataChannelReceiverCreated: (receiver: DataChannelReceiver) => void }>, until) => {
    const receiving = new Map<string, Receiving>()
    const close = (isGone: (from: RawId) => boolean): void => {
      for (const [key, one] of receiving) {
        if (!isGone(one.from)) continue
        receiving.delete(key)
        one.close()
      }
    }
    until(
      context.onSaid(({ from, saying }) => {
        if (saying.kind !== 'data') return
        const key = `${saying.channel} ${from}`
        const known = receiving.get(key)
        const one = known ?? receive(from, saying.channel)
        receiving.set(key, one)
        if (known === undefined) events.emit('dataChannelReceiverCreated', one.receiver)
        one.take(saying.data)
      }),
      context.onView(({ participants }) =>
        close((from) => !participants.some(({ id, state }) => id === from && state !== 'Disconnected')),
      ),
      context.onEnd(() => close(() => true)),
    )
    return {
      createDataChannelSender: ({ channelId, participants = [] }: SenderOptions = {}) => {
        const channel = channelId ?? Math.floor(Math.random() * 65_535) + 1
        let to = some(participants).who
        let isClosed = false
        return {
          channelId: channel,
          maxMessageSize: maxDataBytes,
          setParticipants: (people: CommunicationIdentifier[]): void => {
            to = some(people).who
          },
          /** Rejects with 413 for more than `maxMessageSize`, and with 400 when the channel is closed. */
          sendMessage: async (bytes: Uint8Array): Promise<void> => {
            if (isClosed) throw failed('channelClosed')
            if (bytes.length > maxDataBytes) throw failed('tooLarge')
            const data = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
            await context.ask('call.say', { saying: { kind: 'data', channel, data }, ...(to && { to }) })
          },
          close: (): void => {
            isClosed = true
          },
        }
      },
    }
  },
)

function receive(from: RawId, channelId: number): Receiving {
  const events = new Emitter<ReceiverEvents>()
  const unread: Message[] = []
  let sequenceNumber = 0
  return {
    from,
    receiver: {
      channelId,
      senderParticipantIdentifier: identifierOf(from),
      readMessage: () => unread.shift(),
      ...listenable(events),
    },
    take: (data) => {
      const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0))
      unread.push({ sequenceNumber: ++sequenceNumber, data: bytes })
      if (unread.length > maxUnread) unread.shift()
      events.emit('messageReady')
    },
    close: () => events.emit('close'),
  }
}
