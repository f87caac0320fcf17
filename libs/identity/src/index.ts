/** Who may ask: access keys and the signatures made with them, user tokens and the keys that sign them. Node only. */
export * from './key-files.ts'
export * from './request-signature.ts'
export * from './signing-keys.ts'
export * from './tokens.ts'
