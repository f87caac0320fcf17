/**
 * Someone with a browser. What he does reads as a sentence; what he waits for has a limit and fails with one. Each file of
 * person/ is a part of what he does, each on top of the one before: uses the SDK, calls, talks, sees people, sees pictures.
 * Here is what befalls his page.
 */
import { Viewer } from './person/viewer.ts'
import { soonMs, within } from './until.ts'

export class Person extends Viewer {
  /** Lets the page die in the middle of what it does. */
  async crashes(): Promise<void> {
    const crashed = new Promise((resolve) => this.page.once('crash', resolve))
    const debuggerOfPage = await this.page.context().newCDPSession(this.page)
    // It never answers: there is nobody any more.
    debuggerOfPage.send('Page.crash').catch(() => {})
    await within(soonMs, `end of ${this.name}'s page`, crashed)
  }

  /** Closes the page, as one closes a tab. */
  async closesPage(): Promise<void> {
    await this.page.close({ runBeforeUnload: false })
  }
}
