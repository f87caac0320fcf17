import { describe, it } from '@jest/globals'
import { ann, bob, node, otherNode } from '../test/people.ts'
import { talking } from '../test/story.ts'

describe('placing', () => {
  it('moves the media, and whoever had some builds it anew', () => {
    const { mediaMoves, then, thenTheCall } = talking()
    mediaMoves()
    thenTheCall().isOn(otherNode)
    for (const one of [ann.phone, bob.laptop]) {
      then(one).is('Reconnecting')
      then(one).wasTold('call.changed')
      then(one).sees({ state: 'Connected', mediaLost: true })
    }
    mediaMoves()
    thenTheCall().stayedAsItWas()
  })

  it('moves nothing after the end', () => {
    const { when, mediaMoves, thenTheCall } = talking()
    when(ann.phone).hangsUp()
    mediaMoves()
    thenTheCall().isOn(node)
    thenTheCall().stayedAsItWas()
  })
})
