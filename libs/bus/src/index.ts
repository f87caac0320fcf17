/**
 * How nodes talk: requests to one, facts for many. The memory bus joins the parts of one process. Media orders and
 * facts have a typed face here, so that no one else parses what came over the bus.
 */
export { BusError, type Bus, type Listener, type OnBusError, type Server, type Stop } from './bus.ts'
export { publishAlive, publishReport, subscribeAlive, subscribeReports } from './facts.ts'
export { orderMedia, serveMedia, type MediaCarriers } from './media-orders.ts'
export { publishToSession, publishToSessions, subscribeSession } from './session-events.ts'
export { MemoryBus } from './memory/memory-bus.ts'
export {
  askForPhone,
  orderPhone,
  publishPhoneInventory,
  servePhoneAsks,
  servePhones,
  subscribePhoneInventories,
  type Asked as PhoneAsked,
  type PhoneAsker,
  type PhoneCarriers,
} from './phone-messages.ts'
export {
  askTrunks,
  publishTrunkHealth,
  publishTrunksChanged,
  serveTrunks,
  subscribeTrunkHealth,
  subscribeTrunksChanged,
} from './trunk-messages.ts'
