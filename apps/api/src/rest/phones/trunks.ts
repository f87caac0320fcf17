/** The trunks of one resource, with what ACS has no words for. They are made and removed at ACS's own door. */
import { KeptTrunk, newTrunk, trunkNamed } from '../../phones/phone-book.ts'
import { AcsError } from '../acs-error.ts'
import type { PhoneDoors } from './phone-doors.ts'
import { trunkModelOf, type TrunkModel, type TrunkUpdate } from './trunk-messages.ts'

type Account = NonNullable<KeptTrunk['account']>

export class Trunks {
  constructor(private readonly parts: Pick<PhoneDoors, 'resourceId' | 'store' | 'first' | 'sealing' | 'nodes'>) {}

  /** In the order in which they were made; that of the environment last. */
  async list(): Promise<TrunkModel[]> {
    const { resourceId, store, first } = this.parts
    const { trunks } = await store.book(resourceId)
    const shown = trunks.map((trunk) => this.#shown(trunk))
    const fromEnvironment = first.trunk?.trunk
    if (fromEnvironment === undefined || trunkNamed(trunks, fromEnvironment.fqdn) !== undefined) return shown
    return [...shown, this.#shown(fromEnvironment, 'environment')]
  }

  /** @throws AcsError 404 */
  async find(fqdn: string): Promise<TrunkModel> {
    const found = trunkNamed(await this.list(), fqdn)
    if (found === undefined) throw unknownTrunk()
    return found
  }

  /** @throws AcsError 400, 404, 409 */
  async update(fqdn: string, update: TrunkUpdate): Promise<TrunkModel> {
    const { resourceId, store, first, nodes } = this.parts
    const changed = await store.changeBook(resourceId, (book) => {
      const trunk = trunkNamed(book.trunks, fqdn)
      if (trunk !== undefined) {
        const next = this.#changed(trunk, update)
        return { ...book, trunks: book.trunks.map((one) => (one === trunk ? next : one)) }
      }
      if (first.trunk !== undefined && trunkNamed([first.trunk.trunk], fqdn) !== undefined) {
        throw new AcsError(409, 'Conflict', 'This trunk comes from SIP_TRUNK and is changed there.')
      }
      throw unknownTrunk()
    })
    nodes.changed()
    const trunk = trunkNamed(changed.trunks, fqdn)
    if (trunk === undefined) throw unknownTrunk()
    return this.#shown(trunk)
  }

  #changed(trunk: KeptTrunk, { account, ...update }: TrunkUpdate): KeptTrunk {
    const fresh: Record<string, unknown> = newTrunk(trunk.fqdn, trunk.port)
    const next: Record<string, unknown> = { ...trunk }
    for (const [name, value] of Object.entries(update)) {
      if (value !== undefined) next[name] = value ?? fresh[name]
    }
    if (account !== undefined) next.account = account === null ? undefined : this.#account(trunk, account)
    const changed = KeptTrunk.parse(next)
    checkWhole(changed)
    return changed
  }

  /** A password that is not said stays, as long as it is the same user's. */
  #account(
    { fqdn, account: before }: KeptTrunk,
    { user, password, realm }: NonNullable<TrunkUpdate['account']>,
  ): Account {
    const kept = before?.user === user ? before : undefined
    const sealedPassword =
      password === undefined ? kept?.sealedPassword : this.parts.sealing.seal(password, fqdn.toLowerCase())
    const keptRealm = realm === undefined ? kept?.realm : (realm ?? undefined)
    return {
      user,
      ...(sealedPassword === undefined ? {} : { sealedPassword }),
      ...(keptRealm === undefined ? {} : { realm: keptRealm }),
    }
  }

  #shown(trunk: KeptTrunk, source: TrunkModel['source'] = 'api'): TrunkModel {
    const { nodes, sealing } = this.parts
    const sealed = trunk.account?.sealedPassword ?? ''
    // One that was sealed with a key that is gone has to be set again, and is shown as missing.
    const hasPassword = source === 'environment' || sealing.unseal(sealed, trunk.fqdn.toLowerCase()) !== undefined
    return trunkModelOf(trunk, { source, hasPassword, health: nodes.healthOf(trunk.fqdn) })
  }
}

/** What no field shows on its own. */
function checkWhole({ registers, account, numberFormat, countryCode, codecs }: KeptTrunk): void {
  if (registers && account === undefined) throw bad('registers', 'A trunk registers with an account.')
  if (account !== undefined && account.sealedPassword === undefined) {
    throw bad('account.password', 'A new account needs a password.')
  }
  if (numberFormat === 'national' && countryCode === undefined) {
    throw bad('countryCode', 'National numbers need a countryCode, such as 49.')
  }
  if (new Set(codecs).size < codecs.length) throw bad('codecs', 'codecs may be named once.')
}

function bad(target: string, message: string): AcsError {
  return new AcsError(400, 'BadRequest', message, { target, details: [{ code: 'BadArgument', message, target }] })
}

function unknownTrunk(): AcsError {
  return new AcsError(404, 'NotFound', 'The resource has no such trunk.')
}
