/** Where people meet without being called, and the address of this page that leads there: `/?group=…`, `/?room=…`. */

/** A group call by its GUID, or a room by its number (ACS: what CallAgent.join takes). */
export type Place = { groupId: string } | { roomId: string }

/** Where an address leads; nothing when it only opens the page. Whether there is such a place, the SDK says. */
export function placeIn(search: string): Place | undefined {
  const query = new URLSearchParams(search)
  const [groupId, roomId] = [query.get('group'), query.get('room')]
  if (groupId) return { groupId }
  return roomId ? { roomId } : undefined
}

/** What somebody has typed or pasted to get in: a link to a place, the GUID of a group, or else the id of a room. */
export function placeTyped(text: string): Place {
  const typed = text.trim()
  const linked = URL.parse(typed)
  const place = linked === null ? undefined : placeIn(linked.search)
  if (place !== undefined) return place
  return guid.test(typed) ? { groupId: typed } : { roomId: typed }
}

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The address to hand on. */
export function linkTo(place: Place, origin: string): string {
  const url = new URL('/', origin)
  if ('groupId' in place) url.searchParams.set('group', place.groupId)
  else url.searchParams.set('room', place.roomId)
  return url.href
}
