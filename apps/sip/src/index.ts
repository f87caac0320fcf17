/** The node of the phone network. */
export * from './media/index.ts'
