/** What goes wrong around a call while it lasts, as the SDK notices it (ACS: Features.UserFacingDiagnostics). */
import { DiagnosticQuality, Features, type Call } from '@parley/calling-sdk'
import { deviceSentences, type Sentence } from './sentences.ts'

const sentences: Readonly<Record<string, Sentence>> = {
  microphonePermissionDenied: deviceSentences.microphoneDenied,
  microphoneNotFunctioning: deviceSentences.microphoneStopped,
  cameraStoppedUnexpectedly: deviceSentences.cameraStopped,
}

type TroubleListener = {
  /** The way to the server is lost, or back. The call goes on meanwhile. */
  reconnecting(isReconnecting: boolean): void
  trouble(sentence: Sentence): void
}

/** Listens until the returned function is called. */
export function watchTrouble(call: Call, listener: TroubleListener): () => void {
  const { network, media } = call.feature(Features.UserFacingDiagnostics)
  const onNetwork: Parameters<typeof network.on>[1] = ({ diagnostic, value }) => {
    if (diagnostic === 'networkReconnect') listener.reconnecting(value === DiagnosticQuality.Bad)
  }
  const onMedia: Parameters<typeof media.on>[1] = ({ diagnostic, value }) => {
    const sentence = sentences[diagnostic]
    if (value === true && sentence !== undefined) listener.trouble(sentence)
  }
  network.on('diagnosticChanged', onNetwork)
  media.on('diagnosticChanged', onMedia)
  return () => {
    network.off('diagnosticChanged', onNetwork)
    media.off('diagnosticChanged', onMedia)
  }
}
