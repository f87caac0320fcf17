/** The store: the only importer of Prisma and of PostgreSQL's driver. */
export { StoreFailure, type StoreFailureKind } from './store-failure.ts'
export { Stores, type StoreOptions } from './stores.ts'
