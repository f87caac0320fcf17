/** What an operator may settle for a group call, and what is asked of a store for it. */
import type { GroupId, ResourceId, UserId } from '@parley/protocol'

/** A group that nothing is settled for has no lobby. */
export type GroupSettings = {
  hasLobby: boolean
  /** Users who enter at once and let others in. */
  presenters: readonly UserId[]
}

export interface GroupStore {
  find(resourceId: ResourceId, id: GroupId): Promise<GroupSettings | undefined>
  keep(resourceId: ResourceId, id: GroupId, settings: GroupSettings): Promise<void>
  delete(resourceId: ResourceId, id: GroupId): Promise<void>
}
