/** What every feature of a call has, and how its factory is made. */
import type { CallFeatureFactory, FeatureContext, Stop } from '../contract/features.ts'
import { Emitter } from '../emitter.ts'

type Events<E> = Record<keyof E, (args: never) => void>
/** On and off of one object, as functions of their own: an app's library may stand in its place with a Proxy. */
export type Listenable<E extends Events<E>> = Pick<Emitter<E>, 'on' | 'off'>
export type Feature<E extends Events<E>> = Listenable<E> & { readonly name: string; dispose(): void }

export const listenable = <E extends Events<E>>(events: Emitter<E>): Listenable<E> => ({
  on: (event, listener) => events.on(event, listener),
  off: (event, listener) => events.off(event, listener),
})

/** Makes the factory of a call's feature. What is given to `until` is stopped at the call's end, or when the
 * feature is disposed of. */
export function ofCall<T extends object, E extends Events<E>>(
  name: string,
  make: (context: FeatureContext, events: Emitter<E>, until: (...stops: Stop[]) => void) => T,
): CallFeatureFactory<T & Feature<E>> {
  return {
    name,
    callApi: (context) => {
      const events = new Emitter<E>()
      const stops: Stop[] = []
      const made = make(context, events, (...more) => stops.push(...more))
      const dispose = (): void => stops.splice(0).forEach((stop) => stop())
      context.onEnd(dispose)
      // Asked for after the end, it has nothing to watch any more; what it can ask, it still can.
      if (context.view()?.state === 'Disconnected') dispose()
      // Assigned, not spread: what a feature shows is read when it is read.
      return Object.assign(made, { name, ...listenable(events), dispose })
    },
  }
}
