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
  restartsPerMinute: 5,
  placeMs: 2_000,
  workerStartMs: 10_000,
  bindMs: 3_000,
  watchMs: 2_000,
  workerEndMs: 2_000,
}
