/** Transactions and the layer that owns them: transaction.ts is where to begin. */
export { systemClock, type Clock } from '../clock.ts'
export { openTransactionLayer, type LayerOptions } from './open.ts'
export type {
  Acknowledgement,
  ClientFailure,
  ClientListener,
  ClientTransaction,
  Destination,
  SendOptions,
  ServerListener,
  ServerTransaction,
  TransactionLayer,
  TransactionUser,
} from './transaction.ts'
