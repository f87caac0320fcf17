/**
 * Turns ninja's `[n/279]` into one line that counts on a terminal, and into a line per tenth elsewhere.
 *
 * @param {string} what
 * @param {{ write(text: string): unknown, isTTY?: boolean }} [out]
 * @returns {(text: string) => void} takes ninja's output as it comes
 */
export function progressOf(what, out = process.stdout) {
  let told = 0
  return (text) => {
    const [, done, all] = [...text.matchAll(/\[(\d+)\/(\d+)\]/g)].at(-1) ?? []
    if (!done) return
    const percent = Math.floor((100 * Number(done)) / Number(all))
    if (out.isTTY) {
      out.write(`\r  ${what}: ${done} of ${all} (${percent} %)${done === all ? '\n' : ''}`)
    } else if (percent >= told + 10 || (percent === 100 && told < 100)) {
      told = percent
      out.write(`  ${what}: ${done} of ${all} (${percent} %)\n`)
    }
  }
}
