/** Something readable changed; read it. */
export type PropertyChangedEvent = () => void
/** A list changed: what came and what went. */
export type CollectionUpdatedEvent<T> = (args: { added: T[]; removed: T[] }) => void
