import { describe, it } from '@jest/globals'
import { ann, node, otherNode } from '../test/people.ts'
import { talking } from '../test/story.ts'

describe('placing', () => {
  it('moves the media and tells nobody', () => {
    const { mediaMoves, thenTheCall } = talking()
    mediaMoves()
    thenTheCall().isOn(otherNode)
    thenTheCall().changedQuietly()
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
