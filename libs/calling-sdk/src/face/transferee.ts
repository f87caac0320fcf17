import type { CallView, TransferView } from '@parley/protocol'

/**
 * The side of a transfer that is transferred. The other side asks this one, through the server, to call somebody else or
 * to come into another call of its own; that is carried out here, once for each transfer, whatever the views repeat.
 */
export class Transferee {
  private readonly follow: (transfer: TransferView) => void
  private followed: string | undefined

  /** `follow` makes the call that this one is to be replaced by. */
  constructor(on: { follow(transfer: TransferView): void }) {
    this.follow = (transfer) => on.follow(transfer)
  }

  see({ transfer }: CallView): void {
    if (transfer?.side !== 'of' || transfer.state !== 'Transferring' || transfer.id === this.followed) return
    this.followed = transfer.id
    this.follow(transfer)
  }
}
