/** The store: the only importer of Prisma and of PostgreSQL's driver. */
export { Stores } from './stores.ts'
