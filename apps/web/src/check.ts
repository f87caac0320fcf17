/** The test before a call: what the SDK finds in a call of its own to the echo, which nobody hears. */
import { PreCallTest, type CallClient } from '@parley/calling-sdk'
import { askFor } from './permission.ts'
import { troubleSentences } from './sentences.ts'

/**
 * What was found, in sentences for people. Resolves within some seconds after the person has said whether the microphone may be used; with nothing when it was
 * aborted. Disposes of the client.
 */
export async function checkBeforeCall(
  client: CallClient,
  tokenCredential: Parameters<CallClient['createCallAgent']>[0],
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  try {
    // The test asks for nothing; what the person answers here is among what it finds.
    await askFor('microphone', await client.getDeviceManager(), () => undefined)
    return (await client.feature(PreCallTest).run({ tokenCredential, signal })).sentences
  } catch {
    if (signal.aborted) return undefined
    const { says, todo } = troubleSentences.noMicrophoneList
    return [`${says} ${todo}`]
  } finally {
    await client.dispose()
  }
}
