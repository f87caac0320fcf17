/** What a person should be told while a call goes on (ACS: UserFacingDiagnostics). */
import { Emitter } from '../emitter.ts'

export const DiagnosticQuality = { Good: 1, Poor: 2, Bad: 3 } as const
export type DiagnosticQuality = (typeof DiagnosticQuality)[keyof typeof DiagnosticQuality]

export type NetworkQualityDiagnostic = 'networkReconnect' | 'networkReceiveQuality' | 'networkSendQuality'
export type NetworkFlagDiagnostic = 'noNetwork' | 'networkRelaysNotReachable'
export type NetworkDiagnostic = NetworkQualityDiagnostic | NetworkFlagDiagnostic
export type MediaDiagnostic =
  | 'speakingWhileMicrophoneIsMuted'
  | 'noSpeakerDevicesEnumerated'
  | 'noMicrophoneDevicesEnumerated'
  | 'cameraFreeze'
  | 'cameraStartFailed'
  | 'cameraStartTimedOut'
  | 'capturerStartFailed'
  | 'microphoneNotFunctioning'
  | 'microphoneMuteUnexpectedly'
  | 'cameraStoppedUnexpectedly'
  | 'capturerStoppedUnexpectedly'
  | 'screenshareRecordingDisabled'
  | 'microphonePermissionDenied'
  | 'cameraPermissionDenied'
/** ACS has it from 2.0 on; declarations of before do not know it. */
export type NewMediaDiagnostic = 'microphoneNotMuteButSilent'

export type ServerDiagnostic = 'serverConnection'

export type DiagnosticChange<Name extends string> =
  | { diagnostic: Name; value: DiagnosticQuality; valueType: 'DiagnosticQuality' }
  | { diagnostic: Name; value: boolean; valueType: 'DiagnosticFlag' }
type Latest<Name extends string> = { [N in Name]?: Pick<DiagnosticChange<N>, 'value' | 'valueType'> }
type Events<Name extends string> = { diagnosticChanged: (change: DiagnosticChange<Name>) => void }

/** One group of diagnostics: the latest value of each that was ever raised. */
export class DiagnosticGroup<Name extends string> {
  private readonly events = new Emitter<Events<Name>>()
  private latest: Latest<Name> = {}

  getLatest(): Latest<Name> {
    return this.latest
  }

  /** All of it, as it was told. */
  changes(): DiagnosticChange<Name>[] {
    // What `set` has put there.
    return Object.entries(this.latest).map(
      ([diagnostic, at]) => ({ diagnostic, ...(at as object) }) as DiagnosticChange<Name>,
    )
  }

  on(event: 'diagnosticChanged', listener: Events<Name>['diagnosticChanged']): void {
    this.events.on(event, listener)
  }

  off(event: 'diagnosticChanged', listener: Events<Name>['diagnosticChanged']): void {
    this.events.off(event, listener)
  }

  /** Raises a diagnostic, or lowers it again. What is lowered and never was raised is no news. */
  set(diagnostic: Name, value: DiagnosticQuality | boolean): void {
    const isFine = value === false || value === DiagnosticQuality.Good
    const was = this.latest[diagnostic]?.value
    if (was === value || (was === undefined && isFine)) return
    const change: DiagnosticChange<Name> =
      typeof value === 'boolean'
        ? { diagnostic, value, valueType: 'DiagnosticFlag' }
        : { diagnostic, value, valueType: 'DiagnosticQuality' }
    const { value: now, valueType } = change
    // A new object each time: apps freeze what they are given.
    this.latest = { ...this.latest, [diagnostic]: { value: now, valueType } }
    this.events.emit('diagnosticChanged', change)
  }
}

/** What an app sees of a group. */
export type ShownDiagnostics<Name extends string> = Pick<DiagnosticGroup<Name>, 'getLatest' | 'on' | 'off'>

/** Shows a group without what raises it. */
export const shown = <Name extends string>(group: DiagnosticGroup<Name>): ShownDiagnostics<Name> => ({
  getLatest: () => group.getLatest(),
  on: (event, listener) => group.on(event, listener),
  off: (event, listener) => group.off(event, listener),
})

/** The diagnostics of one call. */
export class Diagnostics {
  readonly network = new DiagnosticGroup<NetworkDiagnostic>()
  readonly media = new DiagnosticGroup<MediaDiagnostic | NewMediaDiagnostic>()
  readonly server = new DiagnosticGroup<ServerDiagnostic>()
}
