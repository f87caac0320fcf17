/** The clocks and sizes of an sfu node, with the values that a process starts with. Durations are milliseconds. */
export type SfuLimits = {
  /** How often a node says that it lives. Others take it for dead after 2.5 s. */
  heartbeatMs: number
  /** How often a node reports all legs that it holds. */
  inventoryMs: number
  /** How long a leg that was closed stays closed for an order that was under way. */
  closedLegMs: number
  /** How many such legs are remembered; the oldest is forgotten first. */
  closedLegs: number
  /**
   * Silence on the network after which mediasoup takes ICE for disconnected, in whole seconds. 10 is the lowest that it
   * accepts; a browser asks for consent every 2.5 to 6 s.
   */
  iceConsentS: number
  /**
   * From ICE disconnected to *legLost*. A browser whose consent request was lost sends the next one within this time,
   * and a loss that costs everyone a new set of transports must not be a single lost packet.
   */
  iceGraceMs: number
  /** How many consumers a leg may have, sounds and pictures together. */
  consumersPerLeg: number
  /** How many legs one router takes before the call goes on to another worker as well. */
  legsPerRouter: number
  /** How many people are heard at once. In a call with more unmuted ones it is those who spoke last. */
  heard: number
  /** How many sounds a leg keeps at hand, paused ones of people who spoke before among them. */
  soundsKept: number
  /** How often sound levels are looked at. mediasoup wants ten packets in one look, and there are fifty a second. */
  levelsMs: number
  /** How loud speech is at least, as the average of one look, in dBov: -127 is silence. */
  speechDbov: number
  /** How long somebody who is not loud enough any more is still speaking: one look that missed him, and some. */
  speechEndMs: number
  /** How many are told as those who spoke last. */
  lately: number
  /** How often it is looked whether anything has come over a plain transport. */
  plainWatchMs: number
  /** Looks without anything new, after which a leg over a plain transport is lost. */
  plainMisses: number
  /** How long the echo bot listens before it says again what it heard. */
  echoListenMs: number
  /** Silence after speech, after which it listens no longer. */
  echoPauseMs: number
  /** How often workers may be started again within a minute; above it the node is not ready until the minute is over. */
  restartsPerMinute: number
  /** How long an order waits for a worker that is being started again. */
  placeMs: number
  /** How long a worker may take to start. */
  workerStartMs: number
  /** How long a worker may try to bind its port: the one that just died may still hold it. */
  bindMs: number
  /** How often a worker is asked whether it still answers. Three questions without an answer, and it is killed. */
  watchMs: number
  /** How long a worker may take to end when it is told to. */
  workerEndMs: number
}

export const sfuLimits: SfuLimits = {
  heartbeatMs: 500,
  inventoryMs: 30_000,
  closedLegMs: 120_000,
  closedLegs: 10_000,
  iceConsentS: 10,
  iceGraceMs: 2_000,
  consumersPerLeg: 64,
  legsPerRouter: 60,
  heard: 12,
  soundsKept: 24,
  levelsMs: 300,
  speechDbov: -50,
  speechEndMs: 650,
  lately: 12,
  plainWatchMs: 3_000,
  plainMisses: 4,
  echoListenMs: 5_000,
  echoPauseMs: 1_500,
  restartsPerMinute: 5,
  placeMs: 2_000,
  workerStartMs: 10_000,
  bindMs: 3_000,
  watchMs: 2_000,
  workerEndMs: 2_000,
}
