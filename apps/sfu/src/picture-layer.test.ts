import { describe, expect, it } from '@jest/globals'
import { layerFor } from './picture-layer.ts'

const said = [{ scaleResolutionDownBy: 4 }, { scaleResolutionDownBy: 2 }, { scaleResolutionDownBy: 1 }]

describe('the layer of a picture', () => {
  it.each([
    ['a thumbnail', 160, 90, 0],
    ['a view of the small layer’s size', 320, 180, 0],
    ['one line more', 320, 181, 1],
    ['the middle', 640, 360, 1],
    ['the middle, upright', 360, 640, 1],
    ['one column more, upright', 361, 640, 2],
    ['the whole', 1280, 720, 2],
    ['more than there is', 3840, 2160, 2],
  ])('for %s (%i x %i) is %i', (_what, width, height, layer) => {
    expect(layerFor({ width, height }, said)).toBe(layer)
    expect(layerFor({ width, height }, [{}, {}, {}])).toBe(layer)
  })

  it('of one encoding, or of none that was named, is that one', () => {
    expect(layerFor({ width: 9, height: 9 }, [{}])).toBe(0)
    expect(layerFor({ width: 999, height: 999 }, [])).toBe(0)
  })

  it('of two encodings is out of these two', () => {
    const two = [{ scaleResolutionDownBy: 2 }, {}]
    expect([360, 361].map((side) => layerFor({ width: side, height: side }, two))).toEqual([0, 1])
  })
})
