/** The store: the only importer of Prisma and of PostgreSQL's driver. */
export { StoreFailure } from './store-failure.ts'
export { Stores } from './stores.ts'
