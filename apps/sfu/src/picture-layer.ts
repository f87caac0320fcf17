/** Which layer of a simulcast picture fits the size in which it is shown. */
import type { RtpParameters } from '@parley/protocol'

/**
 * A sender says how far each encoding is scaled down, but not from what. Cameras are asked for 720p, so the full
 * picture is taken to be 720 on its shorter side: three encodings at 1/4, 1/2 and 1 then serve views up to 180, 360 and
 * above. The shorter side decides because a phone held upright sends the same picture turned by 90 degrees.
 */
const fullShorterSide = 720

type Encodings = NonNullable<RtpParameters['encodings']>

/** The index of the smallest layer that is at least as large as the view, in device pixels; the largest when none is. */
export function layerFor(view: { width: number; height: number }, encodings: Encodings): number {
  const shown = Math.min(view.width, view.height)
  const largest = Math.max(encodings.length - 1, 0)
  const fitting = encodings.findIndex((encoding, index) => {
    // What is not said is as the W3C's addTransceiver has it: the last one in full, each one before it half of the next.
    const scaledDownBy = encoding.scaleResolutionDownBy ?? 2 ** (largest - index)
    return fullShorterSide / scaledDownBy >= shown
  })
  return fitting === -1 ? largest : fitting
}
