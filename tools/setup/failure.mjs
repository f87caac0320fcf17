/** Something that the person at the keyboard can put right. Its message is the one sentence that says how. */
export class SetupFailure extends Error {
  name = 'SetupFailure'
}

/**
 * Runs a script's story and ends the process with the exit code that it returns. A SetupFailure is told without a
 * stack trace: the sentence is the help. Anything else is a fault of ours and keeps its trace.
 *
 * @param {() => Promise<number | void>} story
 */
export async function tell(story) {
  try {
    process.exitCode = (await story()) ?? 0
  } catch (error) {
    console.error(error instanceof SetupFailure ? `parley: ${error.message}` : error)
    process.exitCode = 1
  }
}
