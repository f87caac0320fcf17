import type { Emitter } from '../emitter.ts'
import { watchDevices } from './device-watch.ts'
import { type MediaDiagnostic, shown, type ShownDiagnostics } from './diagnostics.ts'
import { ofCall } from './feature.ts'
import { watchMicrophone } from './microphone-watch.ts'
import { watchNetwork } from './network-watch.ts'
import { watchPictures } from './picture-watch.ts'
import { remoteDiagnostics } from './remote-diagnostics.ts'

/** ACS: UserFacingDiagnostics. Watching begins when an app asks for it, and ends with the call. */
export const UserFacingDiagnostics = ofCall('UserFacingDiagnostics', (context, _events: Emitter<object>, until) => {
  const { remote, stop } = remoteDiagnostics(context)
  const watches = [watchNetwork, watchPictures, watchDevices].map((watch) => watch(context))
  until(stop, watchMicrophone(context), ...watches)
  const { network, media, server } = context.diagnostics
  return {
    network: shown(network),
    // Apps are typed for the names that the contract has.
    media: shown(media) as ShownDiagnostics<MediaDiagnostic>,
    server: shown(server),
    remote,
  }
})
