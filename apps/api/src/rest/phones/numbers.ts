/** The numbers of one resource: settled by the API, or by the environment where the API says nothing of them. */
import { GroupId, RoomId, type PhoneNumber } from '@parley/protocol'
import { readE164, type NumberTarget } from '../../phones/own-number.ts'
import { isWebhook } from '../../phones/webhook-address.ts'
import { withFirstTrunk } from '../../phones/first-trunk.ts'
import { trunkNamed } from '../../phones/phone-book.ts'
import { AcsError } from '../acs-error.ts'
import { pageOf, type Page } from '../list-position.ts'
import { ownUser } from '../own-user.ts'
import type { NumberBody, ShownNumber, TargetBody } from './number-messages.ts'
import type { PhoneDoors } from './phone-doors.ts'

export class Numbers {
  constructor(private readonly parts: Pick<PhoneDoors, 'resourceId' | 'store' | 'first' | 'pageSize'>) {}

  /** In their order, after one. @throws AcsError 400 */
  async list(after: string | undefined): Promise<Page<ShownNumber>> {
    const { resourceId, store, first, pageSize = 100 } = this.parts
    const from = after === undefined ? undefined : readNumber(after)
    const kept = await store.numbers(resourceId, pageSize + 1, from)
    const given = first.numbers.filter(({ number }) => from === undefined || number > from)
    const all = new Map<PhoneNumber, ShownNumber>()
    for (const one of given) all.set(one.number, { ...one, source: 'environment' })
    // A row counts instead; one that is not read yet stands beyond this page, and so does what it stands for.
    for (const one of kept) all.set(one.number, { ...one, source: 'api' })
    const read = [...all.values()].toSorted((a, b) => (a.number < b.number ? -1 : 1))
    return pageOf(read, pageSize)
  }

  /** @throws AcsError 400, 404 */
  async find(rawNumber: string): Promise<ShownNumber> {
    const { resourceId, store, first } = this.parts
    const number = readNumber(rawNumber)
    const kept = await store.number(resourceId, number)
    if (kept !== undefined) return { ...kept, source: 'api' }
    const given = first.numbers.find((one) => one.number === number)
    if (given === undefined) throw unknownNumber()
    return { ...given, source: 'environment' }
  }

  /** Takes the place of what was settled before. @throws AcsError 400 */
  async settle(rawNumber: string, { target, trunks, isHidden }: NumberBody): Promise<ShownNumber> {
    const { resourceId, store } = this.parts
    const number = readNumber(rawNumber)
    const settled = {
      number,
      ...(target === undefined || target === null ? {} : { target: this.#target(target) }),
      ...(trunks === undefined || trunks === null || trunks.length === 0 ? {} : { trunks: await this.#named(trunks) }),
      ...(isHidden === true ? { isHidden } : {}),
    }
    return { ...(await store.keepNumber(resourceId, settled)), source: 'api' }
  }

  /** @throws AcsError 400, 404, 409 */
  async delete(rawNumber: string): Promise<void> {
    const { resourceId, store, first } = this.parts
    const number = readNumber(rawNumber)
    if (await store.deleteNumber(resourceId, number)) return
    if (!first.numbers.some((one) => one.number === number)) throw unknownNumber()
    throw new AcsError(409, 'Conflict', 'This number comes from SIP_NUMBERS and is taken away there.')
  }

  #target({ user, groupId, roomId, webhook }: TargetBody): NumberTarget {
    if (user !== undefined) return { user: ownUser(this.parts.resourceId, user) }
    const group = GroupId.safeParse(groupId)
    if (group.success) return { groupId: group.data }
    const room = RoomId.safeParse(roomId)
    if (room.success) return { roomId: room.data }
    if (webhook !== undefined && isWebhook(webhook)) return { webhook }
    const says = 'target must be a user, the GUID of a group, the id of a room, or an https URL.'
    throw new AcsError(400, 'BadRequest', says, { target: 'target' })
  }

  /** Trunks by the names that they have. */
  async #named(names: readonly string[]): Promise<string[]> {
    const { resourceId, store, first } = this.parts
    const { trunks } = withFirstTrunk(await store.book(resourceId), first)
    return names.map((name) => {
      const trunk = trunkNamed(trunks, name)
      if (trunk !== undefined) return trunk.fqdn
      throw new AcsError(400, 'BadRequest', `There is no trunk ${name}.`, { target: 'trunks' })
    })
  }
}

function readNumber(text: string): PhoneNumber {
  const read = readE164(text)
  if (read !== undefined) return read
  throw new AcsError(400, 'BadRequest', 'A number is written in E.164, such as +4930123456.')
}

function unknownNumber(): AcsError {
  return new AcsError(404, 'NotFound', 'The resource has no such number.')
}
