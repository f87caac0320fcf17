/** What is settled about the phone network, and the numbers of a resource, in PostgreSQL. */
import { EpochMs, PhoneNumber, type ResourceId, type UserId } from '@parley/protocol'
import { NumberTarget, type OwnNumber } from '../phones/own-number.ts'
import { emptyPhoneBook, PhoneBook } from '../phones/phone-book.ts'
import type { PhoneStore } from '../phones/phone-store.ts'
import type { Database, Statement } from './database.ts'
import { Prisma, type PhoneNumber as NumberRow } from './generated/client.ts'

/** Asked for by each call. */
const findBook: Statement = { name: 'phone.book', text: 'SELECT book FROM phone_book WHERE resource_id = $1' }
const findNumber: Statement = {
  name: 'phone.number',
  text: `SELECT number, target, trunks, is_hidden AS "isHidden", created_at AS "createdAt"
         FROM phone_number WHERE resource_id = $1 AND number = $2`,
}

export class PostgresPhoneStore implements PhoneStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async book(resourceId: ResourceId): Promise<PhoneBook> {
    const [row] = await this.#database.query<{ book: unknown }>(findBook, [resourceId])
    return row === undefined ? emptyPhoneBook : PhoneBook.parse(row.book)
  }

  async changeBook(resourceId: ResourceId, change: (book: PhoneBook) => PhoneBook): Promise<PhoneBook> {
    return this.#database.prisma((client) =>
      client.$transaction(async (tx) => {
        // There has to be a row, so that there is something to keep from others.
        const empty = { resourceId, book: emptyPhoneBook }
        await tx.phoneBook.createMany({ data: empty, skipDuplicates: true })
        await tx.$queryRaw`SELECT 1 FROM phone_book WHERE resource_id = ${resourceId}::uuid FOR UPDATE`
        const { book } = await tx.phoneBook.findUniqueOrThrow({ where: { resourceId } })
        const changed = change(PhoneBook.parse(book))
        await tx.phoneBook.update({ where: { resourceId }, data: { book: changed } })
        return changed
      }),
    )
  }

  async number(resourceId: ResourceId, number: PhoneNumber): Promise<OwnNumber | undefined> {
    const [row] = await this.#database.query<Columns>(findNumber, [resourceId, number])
    return row === undefined ? undefined : ownNumberOf(row)
  }

  async numbers(resourceId: ResourceId, most: number, after?: PhoneNumber): Promise<OwnNumber[]> {
    const where = { resourceId, ...(after === undefined ? {} : { number: { gt: after } }) }
    const rows = await this.#database.prisma(({ phoneNumber }) =>
      phoneNumber.findMany({ where, orderBy: { number: 'asc' }, take: most }),
    )
    return rows.map(ownNumberOf)
  }

  async numberFor(resourceId: ResourceId, user: UserId): Promise<PhoneNumber | undefined> {
    const where = { resourceId, target: { path: ['user'], equals: user } }
    const row = await this.#database.prisma(({ phoneNumber }) =>
      phoneNumber.findFirst({ where, orderBy: { number: 'asc' } }),
    )
    return row === null ? undefined : PhoneNumber.parse(row.number)
  }

  async keepNumber(
    resourceId: ResourceId,
    { number, target, trunks, isHidden }: Omit<OwnNumber, 'createdAt'>,
  ): Promise<OwnNumber> {
    const key = { resourceId, number }
    const columns = { target: target ?? Prisma.DbNull, trunks: [...(trunks ?? [])], isHidden: isHidden ?? false }
    const row = await this.#database.prisma(({ phoneNumber }) =>
      phoneNumber.upsert({
        where: { resourceId_number: key },
        create: { ...key, ...columns },
        update: columns,
      }),
    )
    return ownNumberOf(row)
  }

  async deleteNumber(resourceId: ResourceId, number: PhoneNumber): Promise<boolean> {
    const where = { resourceId, number }
    const { count } = await this.#database.prisma(({ phoneNumber }) => phoneNumber.deleteMany({ where }))
    return count > 0
  }
}

type Columns = Omit<NumberRow, 'resourceId'>

function ownNumberOf({ number, target, trunks, isHidden, createdAt }: Columns): OwnNumber {
  return {
    number: PhoneNumber.parse(number),
    ...(target === null ? {} : { target: NumberTarget.parse(target) }),
    ...(trunks.length === 0 ? {} : { trunks }),
    ...(isHidden ? { isHidden } : {}),
    createdAt: EpochMs.parse(createdAt.getTime()),
  }
}
