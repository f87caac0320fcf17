/** What the operator of one resource settles for its group calls. */
import { GroupId, type ResourceId } from '@parley/protocol'
import type { GroupSettings, GroupStore } from '../../rooms/group-store.ts'
import { AcsError } from '../acs-error.ts'
import { ownUser } from '../own-user.ts'

export class Groups {
  constructor(private readonly parts: { resourceId: ResourceId; store: GroupStore }) {}

  /** Takes the place of what was settled before. @throws AcsError 400 */
  async settle(rawId: string, hasLobby: boolean, presenters: readonly string[]): Promise<GroupSettings> {
    const { resourceId, store } = this.parts
    const users = presenters.map((presenter) => ownUser(resourceId, presenter))
    const settings = { hasLobby, presenters: [...new Set(users)] }
    await store.keep(resourceId, readGroupId(rawId), settings)
    return settings
  }

  /** @throws AcsError 400, 404 */
  async find(rawId: string): Promise<GroupSettings> {
    const settings = await this.parts.store.find(this.parts.resourceId, readGroupId(rawId))
    if (settings === undefined) throw new AcsError(404, 'NotFound', 'Nothing is settled for this group call.')
    return settings
  }

  /** @throws AcsError 400 */
  async delete(rawId: string): Promise<void> {
    await this.parts.store.delete(this.parts.resourceId, readGroupId(rawId))
  }
}

function readGroupId(rawId: string): GroupId {
  const read = GroupId.safeParse(rawId)
  if (!read.success) throw new AcsError(400, 'BadRequest', 'The id of a group call is a GUID.')
  return read.data
}
