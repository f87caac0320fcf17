/** The two sockets of a phone: RTP and RTCP both ways, in the clear or under the keys of SDP. */
import type { RemoteInfo, Socket } from 'node:dgram'
import { randomInt, randomUUID } from 'node:crypto'
import {
  isRtcp,
  ntpMiddleOf,
  readRtcp,
  srtpReceiver,
  srtpSender,
  writeBye,
  writeReport,
  type ReceptionReport,
  type RtcpSaid,
  type SrtpKeys,
  type SrtpReceiver,
  type SrtpSender,
} from '@parley/rtp'
import type { Agreed, PhoneCodec, SdesKeys } from './agreed.ts'
import { Incoming, type HeardPacket } from './incoming.ts'
import type { StreamStats } from './leg-events.ts'
import { Outgoing } from './outgoing.ts'
import type { PortPair } from './port-pool.ts'
import { SourceLock } from './source-lock.ts'
import { addressFor, bound, closed, plainAddress } from './udp.ts'

/** RFC 3550 section 6.3.1: every five seconds, and never all at the same moment. */
const reportTicks = { from: 125, to: 375 }

export type PhoneLineListener = {
  /** A packet of the phone's, of whatever payload type. */
  heard(packet: HeardPacket, nowMs: number): void
  /** A report of the phone's: it is there, whether or not it says anything. */
  reported(nowMs: number): void
}

/** RFC 7587 section 4.1, RFC 3551 section 4.5.2: neither Opus nor G.722 says here how many samples it has. */
export const ticksPerMsOf = (codec: PhoneCodec): number => (codec === 'opus' ? 48 : 8)

/** What is held from one agreement to the next. */
type Line = {
  agreed: Agreed
  lock: SourceLock
  incoming: Incoming
  receiver: SrtpReceiver | undefined
  sender: SrtpSender | undefined
}

export class PhoneLine {
  readonly #listenIp: string
  readonly #rtp: Socket
  readonly #rtcp: Socket
  readonly #listener: PhoneLineListener
  readonly #cname = randomUUID()
  #line: Line | undefined
  #outgoing: Outgoing | undefined
  #ignored = 0
  #reportIn = 1
  #lastSenderReport: { ntpMiddle: number; cameAtMs: number } | undefined
  #ofUs: ReceptionReport | undefined
  #roundTripMs: number | undefined
  #isClosed = false

  static async open(ip: string, ports: PortPair, listener: PhoneLineListener): Promise<PhoneLine> {
    const rtp = await bound(ip, ports.rtp)
    try {
      return new PhoneLine(ip, rtp, await bound(ip, ports.rtcp), listener)
    } catch (error) {
      await closed(rtp)
      throw error
    }
  }

  private constructor(listenIp: string, rtp: Socket, rtcp: Socket, listener: PhoneLineListener) {
    this.#listenIp = listenIp
    this.#rtp = rtp
    this.#rtcp = rtcp
    this.#listener = listener
    rtp.on('message', (packet, from) => (isRtcp(packet) ? this.#hearReport(packet, from) : this.#hear(packet, from)))
    rtcp.on('message', (packet, from) => this.#hearReport(packet, from))
  }

  /**
   * Takes another agreement. Each way goes on as the stream that it was, wherever the phone is now: under the same key
   * what we send must not be counted from the beginning again, and what they send is not (RFC 3711 section 3.3.1). Each
   * way has a key of its own, and phones like to bring another one of theirs with each offer.
   */
  connect(agreed: Agreed): void {
    const before = this.#line
    const ticksPerMs = ticksPerMsOf(agreed.codec.name)
    const isReclocked = before !== undefined && ticksPerMsOf(before.agreed.codec.name) !== ticksPerMs
    const isTheirsKept = before !== undefined && isSameKey('theirsBase64', before.agreed.srtp, agreed.srtp)
    const isOursKept = before !== undefined && isSameKey('oursBase64', before.agreed.srtp, agreed.srtp)
    const receiver = isTheirsKept ? before.receiver : keysOf(agreed.srtp, 'theirsBase64', srtpReceiver)
    const sender = isOursKept ? before.sender : keysOf(agreed.srtp, 'oursBase64', srtpSender)
    const incoming = isTheirsKept ? before.incoming : new Incoming(ticksPerMs, receiver)
    if (isReclocked) incoming.reclock(ticksPerMs)
    const { ip, port, isSymmetric, isVouchedFor } = agreed
    const claim = { named: { ip, port }, isSymmetric, isVouchedFor }
    this.#line = {
      agreed,
      lock: before?.lock.again(claim) ?? new SourceLock(claim),
      incoming,
      receiver,
      sender,
    }
    if (this.#outgoing !== undefined && isOursKept && !isReclocked) return
    const ssrc = randomInt(1, 2 ** 32)
    this.#outgoing = new Outgoing({ ssrc, ticksPerMs, srtp: sender, send: (packet) => this.#send(packet) })
  }

  /** What the phone hears; undefined before anything was agreed on. */
  get outgoing(): Outgoing | undefined {
    return this.#outgoing
  }

  /** Reports now and then, whether or not sound is sent. */
  tick(): void {
    if (this.#line === undefined || (this.#reportIn -= 1) > 0) return
    this.#reportIn = randomInt(reportTicks.from, reportTicks.to)
    this.#report()
  }

  stats(): { received: StreamStats; sent: StreamStats; roundTripMs?: number; ignored: number } {
    const incoming = this.#line?.incoming
    const ticksPerMs = ticksPerMsOf(this.#line?.agreed.codec.name ?? 'PCMU')
    const [packets, lost] = [incoming?.packets ?? 0, incoming?.lost ?? 0]
    const lostShare = packets + lost === 0 ? 0 : lost / (packets + lost)
    const jitterMs = (this.#ofUs?.jitter ?? 0) / ticksPerMs
    return {
      received: { packets, lost, lostShare, jitterMs: incoming?.jitterMs ?? 0 },
      sent: {
        packets: this.#outgoing?.packets ?? 0,
        lost: this.#ofUs?.lost ?? 0,
        lostShare: this.#ofUs?.lostShare ?? 0,
        jitterMs,
      },
      ...(this.#roundTripMs === undefined ? {} : { roundTripMs: this.#roundTripMs }),
      ignored: this.#ignored,
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    if (this.#line !== undefined && this.#outgoing !== undefined) {
      const bye = Buffer.concat([writeReport(this.#outgoing.ssrc, this.#cname, []), writeBye([this.#outgoing.ssrc])])
      await new Promise((resolve) => this.#sendReport(bye, resolve))
    }
    this.#isClosed = true
    await Promise.all([closed(this.#rtp), closed(this.#rtcp)])
  }

  #hear(packet: Buffer, { address, port }: RemoteInfo): void {
    const [line, nowMs, from] = [this.#line, performance.now(), { ip: plainAddress(address), port }]
    if (line === undefined || !line.lock.mayBe(from, nowMs)) return void (this.#ignored += 1)
    const heard = line.incoming.take(packet, nowMs)
    if (heard === undefined || !line.lock.trust(from, nowMs)) return void (this.#ignored += 1)
    this.#listener.heard(heard, nowMs)
  }

  #hearReport(packet: Buffer, { address }: RemoteInfo): void {
    const line = this.#line
    if (line === undefined || !line.lock.isPhones(plainAddress(address))) return void (this.#ignored += 1)
    const opened = line.receiver === undefined ? packet : line.receiver.openRtcp(packet)
    if (opened === undefined) return void (this.#ignored += 1)
    for (const said of readRtcp(opened)) {
      if (said.kind !== 'report') continue
      line.lock.reported()
      this.#listener.reported(performance.now())
      this.#take(said)
    }
  }

  #take({ sent, received }: Extract<RtcpSaid, { kind: 'report' }>): void {
    if (sent !== undefined) this.#lastSenderReport = { ...sent, cameAtMs: performance.now() }
    const ofUs = received.find(({ ssrc }) => ssrc === this.#outgoing?.ssrc)
    if (ofUs === undefined) return
    this.#ofUs = ofUs
    if (ofUs.lastReport === undefined || ofUs.lastReport === 0) return
    // RFC 3550 section 6.4.1: our time, less when we reported, less how long that lay there.
    const units = (ntpMiddleOf(Date.now()) - ofUs.lastReport - (ofUs.sinceLastReport ?? 0)) | 0
    if (units >= 0) this.#roundTripMs = (units / 0x1_0000) * 1000
  }

  #report(): void {
    const [line, outgoing] = [this.#line, this.#outgoing]
    if (line === undefined || outgoing === undefined) return
    const report = line.incoming.report()
    const last = this.#lastSenderReport
    const times =
      last === undefined
        ? {}
        : {
            lastReport: last.ntpMiddle,
            sinceLastReport: Math.round(((performance.now() - last.cameAtMs) / 1000) * 0x1_0000),
          }
    const received = report === undefined ? [] : [{ ...report, ...times }]
    this.#sendReport(writeReport(outgoing.ssrc, this.#cname, received, outgoing.sent()))
  }

  #send(packet: Buffer): void {
    const target = this.#line?.lock.target
    if (target === undefined || this.#isClosed) return
    this.#rtp.send(packet, target.port, addressFor(this.#listenIp, target.ip), () => {})
  }

  #sendReport(packet: Buffer, done: (value?: unknown) => void = () => {}): void {
    const line = this.#line
    const target = line?.lock.target
    if (line === undefined || target === undefined || this.#isClosed) return done()
    const protectedPacket = line.sender === undefined ? packet : line.sender.protectRtcp(packet)
    const { agreed } = line
    // What is said by rtcp-mux goes where sound goes; else its port is SDP's, even where the address is not.
    const isMuxed = agreed.rtcpPort === agreed.port
    const port = isMuxed ? target.port : (agreed.rtcpPort ?? target.port + 1)
    if (port > 0xffff) return done()
    ;(isMuxed ? this.#rtp : this.#rtcp).send(protectedPacket, port, addressFor(this.#listenIp, target.ip), () => done())
  }
}

function keysOf<T>(
  keys: SdesKeys | undefined,
  which: 'oursBase64' | 'theirsBase64',
  make: (keys: SrtpKeys) => T,
): T | undefined {
  return keys && make({ suite: keys.suite, master: Buffer.from(keys[which], 'base64') })
}

function isSameKey(
  which: 'oursBase64' | 'theirsBase64',
  one: SdesKeys | undefined,
  other: SdesKeys | undefined,
): boolean {
  return one?.suite === other?.suite && one?.[which] === other?.[which]
}
