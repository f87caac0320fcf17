/** Someone with a camera and a screen: shows pictures, and sees those of others. */
import type { Hands } from '../page/desk.ts'
import type { Picture } from '../page/eyes.ts'
import { until } from '../until.ts'
import { Onlooker } from './onlooker.ts'
import type { Other } from './sdk-user.ts'

export class Viewer extends Onlooker {
  turnsCameraOn(): Promise<void> {
    return this.ask('startVideo', this.currentCall)
  }

  /** His camera gives no frames, or gives them again. */
  async freezesCamera(isFrozen: boolean): Promise<void> {
    await this.page.evaluate((isFrozen) => void (mouth.isFrozen = isFrozen), isFrozen)
  }

  turnsCameraOff(): Promise<void> {
    return this.ask('stopVideo', this.currentCall)
  }

  /** Waits until the other side's camera is on, or off. */
  async seesCamera(isAvailable: boolean): Promise<void> {
    const newest = () =>
      this.notes('picture').findLast(({ call, type }) => call === this.currentCall && type === 'Video')
    const look = () => (newest()?.isAvailable === isAvailable ? true : undefined)
    await this.journal.when(isAvailable ? 'picture of the other side' : 'end of the picture', look)
  }

  /** Shows the other side's picture in this size. */
  async viewsPicture(size = { width: 320, height: 180 }): Promise<void> {
    await this.ask('view', this.currentCall, size)
  }

  /** The kinds of pictures that another shows now: `Video`, `ScreenSharing`. */
  picturesOf(other: Other): Promise<string[]> {
    return this.does(
      ({ participant }, id) =>
        participant(id)
          .videoStreams.filter(({ isAvailable }) => isAvailable)
          .map(({ mediaStreamType }) => mediaStreamType),
      other.id,
    )
  }

  /** Waits until another shows these pictures, and no others. */
  async seesPictures(other: Other, ...types: string[]): Promise<void> {
    await until(`${types.join(' and ') || 'no picture'} of ${other.name} at ${this.name}`, async () => {
      const shown = await this.picturesOf(other)
      return shown.toSorted().join() === types.toSorted().join() ? { found: true } : { sawOnly: shown.join() }
    })
  }

  /** Waits for a picture of another, shows it, and waits until it moves. */
  async seesMoving(other: Other, type: 'Video' | 'ScreenSharing'): Promise<Picture> {
    await until(`${type} of ${other.name} at ${this.name}`, async () => {
      const shown = await this.picturesOf(other)
      return shown.includes(type) ? { found: true } : { sawOnly: shown.join() || 'no picture' }
    })
    const look = async ({ participant, sdk }: Hands, { id, type }: { id: string; type: string }) => {
      const stream = participant(id).videoStreams.find((one) => one.mediaStreamType === type)
      if (stream === undefined) throw new Error(`There is no ${type} any more.`)
      const renderer = new sdk.VideoStreamRenderer(stream)
      const { target } = await renderer.createView({ scalingMode: 'Fit' })
      Object.assign(target.style, { width: '320px', height: '180px' })
      document.body.append(target)
      const video = target.querySelector('video')
      if (video === null) throw new Error('The view has no video element.')
      try {
        return await eyes.watch(video)
      } finally {
        renderer.dispose()
      }
    }
    return this.does(look, { id: other.id, type })
  }

  /** Each coming (+) and going (-) of another's pictures, in order. */
  pictureChangesOf(other: Other): string[] {
    const changes = this.notes('picture').flatMap(({ call, id, type, isAvailable }) =>
      call === this.currentCall && id === other.id ? [`${isAvailable ? '+' : '-'}${type}`] : [],
    )
    // A stream that is taken away says so itself, and its participant too.
    return changes.filter((change, index) => change !== changes[index - 1])
  }

  /** Waits until the picture that is shown moves. */
  seesMovement(): Promise<Picture> {
    return this.ask('watch', this.currentCall)
  }

  /** Waits until the picture arrives in a width. */
  async seesWidth(what: string, fits: (width: number) => boolean, limitMs = 20_000): Promise<number> {
    const look = async () => {
      const { width } = await this.ask('pictureSize', this.currentCall)
      return fits(width) ? { found: width } : { sawOnly: `${width} pixels` }
    }
    return until(`picture ${what} at ${this.name}`, look, limitMs)
  }

  closesView(): Promise<void> {
    return this.ask('closeView', this.currentCall)
  }
}
