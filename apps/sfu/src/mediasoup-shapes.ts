/**
 * Between the wire's types and mediasoup's. The shapes are the same; the wire's schemas are stricter in value and looser
 * in literal types (a header extension's uri is any short string, say), so TypeScript does not see it. What the schema
 * let through and mediasoup does not know, mediasoup refuses at run time.
 */
import { errors, type types } from 'mediasoup'
import { Refused, type DtlsParameters, type RtpCapabilities, type RtpParameters } from '@parley/protocol'
import type { SctpStreamParameters } from '@parley/protocol'

export const forMediasoup = {
  rtpParameters: (parameters: RtpParameters) => parameters as types.RtpParameters,
  rtpCapabilities: (capabilities: RtpCapabilities) => capabilities as types.RtpCapabilities,
  dtlsParameters: (parameters: DtlsParameters) => parameters as types.DtlsParameters,
  sctpStreamParameters: (parameters: SctpStreamParameters) => parameters as types.SctpStreamParameters,
}

/**
 * Has mediasoup do something with parameters that a client made. What it refuses is the client's mistake.
 *
 * @throws {Refused} badMedia
 * @throws {errors.WorkerClosedError} when the worker has died, which is nobody's mistake
 */
export async function withClientsParameters<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request()
  } catch (error) {
    if (error instanceof errors.WorkerClosedError) throw error
    throw new Refused('badMedia', { detail: error instanceof Error ? error.message : String(error), cause: error })
  }
}
