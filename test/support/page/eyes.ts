/** What a person sees. Runs in the page. */

/** A picture that was seen to move. */
export type Picture = { width: number; height: number; frames: number }

export type Eyes = {
  /** Watches until at least five frames have come and two of them differ. */
  watch(video: HTMLVideoElement): Promise<Picture>
  /** How bright the picture is now, on average, from 0 to 255. */
  brightness(video: HTMLVideoElement): number
  /** Whether an element shows the same picture, or none, for a time. */
  isStill(video: HTMLVideoElement, forMs: number): Promise<boolean>
}

declare global {
  var eyes: Eyes
}

export function eyes(): void {
  /** So much of 255 must a pixel change, on average, before we call it movement; coding noise is below 2. */
  const movement = 4
  /** So many frames are compared with the newest: more than one turn of the disc that stands for a screen in the tests. */
  const remembered = 40

  const small = Object.assign(document.createElement('canvas'), { width: 64, height: 36 })

  function glance(video: HTMLVideoElement): Uint8ClampedArray {
    const paper = small.getContext('2d', { willReadFrequently: true })
    if (paper === null) throw new Error('This browser draws no canvas.')
    paper.drawImage(video, 0, 0, small.width, small.height)
    return paper.getImageData(0, 0, small.width, small.height).data
  }

  function difference(one: Uint8ClampedArray, other: Uint8ClampedArray): number {
    return one.reduce((sum, value, index) => sum + Math.abs(value - (other[index] ?? 0)), 0) / one.length
  }

  globalThis.eyes = {
    watch(video) {
      return new Promise((resolve) => {
        // Not with the first alone: a picture that repeats itself may never be far from where it happened to begin.
        const seen: Uint8ClampedArray[] = []
        let frames = 0
        const look = () => {
          frames += 1
          const now = glance(video)
          if (frames >= 5 && seen.some((one) => difference(one, now) > movement)) {
            resolve({ width: video.videoWidth, height: video.videoHeight, frames })
            return
          }
          seen.push(now)
          if (seen.length > remembered) seen.shift()
          video.requestVideoFrameCallback(look)
        }
        video.requestVideoFrameCallback(look)
      })
    },

    brightness(video) {
      const colours = glance(video).filter((_, index) => index % 4 < 3)
      return colours.reduce((sum, value) => sum + value, 0) / colours.length
    },

    async isStill(video, forMs) {
      const first = glance(video)
      let isStill = true
      let isWatching = true
      const look = () => {
        if (!isWatching) return
        isStill &&= difference(first, glance(video)) <= movement
        video.requestVideoFrameCallback(look)
      }
      video.requestVideoFrameCallback(look)
      await new Promise((resolve) => setTimeout(resolve, forMs))
      isWatching = false
      return isStill
    },
  }
}
