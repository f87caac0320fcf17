/** The suites of SRTP, made out of the keys that two ends have agreed on. */
import { CmReceiver, CmSender } from './srtp-cm.ts'
import { GcmReceiver, GcmSender } from './srtp-gcm.ts'
import type { SrtpReceiver, SrtpSender } from './srtp.ts'

/** Suites by the names that SDP has for them (RFC 4568 section 6.2, RFC 7714 section 14.2). */
export const srtpSuites = {
  AES_CM_128_HMAC_SHA1_80: { masterBytes: 30 },
  AES_CM_128_HMAC_SHA1_32: { masterBytes: 30 },
  AEAD_AES_128_GCM: { masterBytes: 28 },
} as const
export type SrtpSuite = keyof typeof srtpSuites

/** A suite, and its master key followed by its salt. */
export type SrtpKeys = { suite: SrtpSuite; master: Buffer }

/** @throws when the keys are not as long as their suite wants them */
export function srtpSender({ suite, master }: SrtpKeys): SrtpSender {
  checkLength(suite, master)
  return suite === 'AEAD_AES_128_GCM' ? GcmSender.fromMaster(master) : new CmSender(master, tagBytesOf(suite))
}

/** @throws when the keys are not as long as their suite wants them */
export function srtpReceiver({ suite, master }: SrtpKeys): SrtpReceiver {
  checkLength(suite, master)
  return suite === 'AEAD_AES_128_GCM' ? GcmReceiver.fromMaster(master) : new CmReceiver(master, tagBytesOf(suite))
}

function checkLength(suite: SrtpSuite, master: Buffer): void {
  const { masterBytes } = srtpSuites[suite]
  if (master.length !== masterBytes) throw new Error(`${suite} takes ${masterBytes} bytes of key and salt.`)
}

function tagBytesOf(suite: SrtpSuite): number {
  return suite === 'AES_CM_128_HMAC_SHA1_32' ? 4 : 10
}
