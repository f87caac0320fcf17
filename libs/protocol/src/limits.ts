/** The clocks and sizes of the platform, with the values that a process starts with. Durations are milliseconds. */
export type Limits = {
  /** How long an unanswered call rings (ACS: 85 s to set up a 1:1 call). */
  ringMs: number
  /** From accept until sound and picture must flow. */
  connectMs: number
  /** How long a participant whose link or media is lost is kept in the call (ACS: 120 s). */
  reconnectMs: number
  /** How long someone waits in a lobby to be let in. */
  lobbyMs: number
  /** How long a transfer may take (ACS: 60 s). */
  transferMs: number
  /** How many participants a call takes (ACS: 350). */
  participants: number
  /** From opening a socket to a valid first message. */
  helloMs: number
  /** Client's heartbeat while idle, and the silence after which the socket is taken for dead. */
  idlePingMs: number
  idleDeadMs: number
  /** The same while in a call: media needs the link sooner. */
  callPingMs: number
  callDeadMs: number
  /** How long api waits for an order to sfu. */
  orderMs: number
  /** How long the SDK waits for the reply to a request. */
  requestMs: number
}

export const defaultLimits: Limits = {
  ringMs: 85_000,
  connectMs: 12_000,
  reconnectMs: 120_000,
  lobbyMs: 600_000,
  transferMs: 60_000,
  participants: 350,
  helloMs: 5_000,
  idlePingMs: 15_000,
  idleDeadMs: 35_000,
  callPingMs: 2_000,
  callDeadMs: 6_000,
  orderMs: 5_000,
  requestMs: 10_000,
}

/** The largest frame on the socket, in bytes. A larger one closes it with 1009. */
export const maxFrameBytes = 64 * 1024

/** How many events a session keeps for a client that is away; more than these, and it gets a snapshot instead. */
export const maxKeptEvents = 512

/** How many people one request rings. */
export const maxRung = 50

/** How many keys of a telephone one request presses. */
export const maxTones = 32

/** How many participants may be in the spotlight at once (ACS: 7). */
export const maxSpotlit = 7

/** The largest message of a data channel, in bytes (ACS: 32 kB). */
export const maxDataBytes = 32 * 1024
