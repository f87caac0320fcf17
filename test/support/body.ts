/** What a person has in front of any page: ears, eyes, a voice. What he waits for has a limit and fails with a sentence. */
import type { Page } from 'playwright-core'
import type { Hearing } from './page/meter.ts'
import { soonMs, until } from './until.ts'

/** Above this a peak in the spectrum is a voice; noise and coding stay far below. */
const audibleDbfs = -55
/** So long must a tone sound, or be silent, before we say so: while it changes, a spectrum has a little of everything. */
const steadyMs = 300

/** Who or what is heard by its tone. */
export type Tone = { name: string; toneHz: number }

export class Body {
  readonly name: string
  readonly page: Page
  readonly toneHz: number

  constructor({ name, page, toneHz }: { name: string; page: Page; toneHz: number }) {
    this.name = name
    this.page = page
    this.toneHz = toneHz
  }

  /** Waits until another's voice is heard, and steadily. */
  hears(other: Tone, limitMs = soonMs): Promise<void> {
    return this.#steadily(true, `voice of ${other.name} (${other.toneHz} Hz) at ${this.name}`, other.toneHz, limitMs)
  }

  /** Waits until another's voice is not heard any more. */
  hearsNot(other: Tone, limitMs = soonMs): Promise<void> {
    return this.#steadily(false, `silence of ${other.name} (${other.toneHz} Hz) at ${this.name}`, other.toneHz, limitMs)
  }

  /** Waits until anything at all is heard, and steadily. */
  hearsSound(limitMs = soonMs): Promise<void> {
    return this.#steadily(true, `sound at ${this.name}`, undefined, limitMs)
  }

  /** Waits until nothing at all is heard any more. */
  hearsSilence(limitMs = soonMs): Promise<void> {
    return this.#steadily(false, `silence at ${this.name}`, undefined, limitMs)
  }

  /** Starts to measure gaps and tones anew. */
  async listens(): Promise<void> {
    await this.page.evaluate((toneHz) => ears.hearing(toneHz, true), this.toneHz)
  }

  /** What was heard of another, or of oneself, since listens(). */
  hearing(other: Tone): Promise<Hearing> {
    return this.page.evaluate((toneHz) => ears.hearing(toneHz), other.toneHz)
  }

  /**
   * Waits until a tone is heard, or is silent, for good, and says when that began, by the clock that all pages share. It
   * is the meter's time: what was heard counts, not when somebody looked.
   */
  async changedAt(toneHz: number, isHeard: boolean): Promise<number> {
    const waitingFor = `${isHeard ? 'sound' : 'silence'} at ${toneHz} Hz at ${this.name}`
    return until(waitingFor, async () => {
      const { hearing, now } = await this.page.evaluate(
        async (toneHz) => ({ hearing: await ears.hearing(toneHz), now: Date.now() }),
        toneHz,
      )
      const isSteady = hearing.isHeard === isHeard && hearing.forMs >= steadyMs
      return isSteady ? { found: now - hearing.forMs } : { sawOnly: JSON.stringify(hearing) }
    })
  }

  /** Over what his media goes, connection by connection: `udp 24400` is UDP to that port of the platform. */
  mediaPaths(): Promise<string[]> {
    return this.page.evaluate(() => ears.paths())
  }

  /** How many connections for media his page has made so far. */
  connectionsMade(): Promise<number> {
    return this.page.evaluate(() => ears.connectionsMade())
  }

  /** Waits until his media goes over two connections made after so many others: what he sends, and what he receives. */
  async rebuildsMedia(after: number): Promise<void> {
    await until(`new pair of connections at ${this.name}`, async () => {
      const paths = await this.page.evaluate((after) => ears.paths(after), after)
      return paths.length === 2 ? { found: true } : { sawOnly: `${paths.length} of them` }
    })
  }

  /** Keeps the frames of sound that go out and come in, as they travel, in the calls from now on. */
  async tapsSound(): Promise<void> {
    await this.page.evaluate(() => ears.tap())
  }

  /** The frames that were kept, in hex. */
  tappedSound(): Promise<{ sent: string[]; heard: string[] }> {
    return this.page.evaluate(() => ears.tapped())
  }

  /** How often his page has asked for a microphone and for a camera. */
  devicesAsked(): Promise<{ audio: number; video: number }> {
    return this.page.evaluate(() => mouth.asked)
  }

  /** Whether picture frames come in at the moment: looks twice, 500 ms apart. */
  receivesPicture(): Promise<boolean> {
    return this.page.evaluate(() => ears.receives('video', 500))
  }

  /** Whether packets of sound come in at the moment, played or not: looks twice, 500 ms apart. */
  receivesSound(): Promise<boolean> {
    return this.page.evaluate(() => ears.receives('audio', 500))
  }

  async stopsReceivingPicture(): Promise<void> {
    await until(`end of the pictures at ${this.name}`, async () =>
      (await this.receivesPicture()) ? { sawOnly: 'frames' } : { found: true },
    )
  }

  /** Without a tone it is about any sound. */
  async #steadily(wanted: boolean, waitingFor: string, toneHz: number | undefined, limitMs: number): Promise<void> {
    let since: number | undefined
    const look = async () => {
      const levelDbfs = await this.page.evaluate(
        (toneHz) => (toneHz === undefined ? ears.loudestDbfs() : ears.levelDbfs(toneHz)),
        toneHz,
      )
      const isIt = levelDbfs > audibleDbfs === wanted
      since = isIt ? (since ?? performance.now()) : undefined
      const isSteady = since !== undefined && performance.now() - since >= steadyMs
      return isSteady ? { found: true } : { sawOnly: `${levelDbfs} dBFS` }
    }
    await until(waitingFor, look, limitMs)
  }
}
