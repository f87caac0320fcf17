/**
 * The tones that people hum: at least 200 Hz apart, none near a multiple of another, all inside what a telephone lets
 * through, so that who hears whom is one question about a spectrum.
 */
export const tonesHz = [440, 660, 970, 1190, 1510, 1930, 2290, 2530] as const

/** Tones of connections that go past the platform. */
export const referenceTonesHz = [1720, 2150] as const

export type ToneHz = (typeof tonesHz)[number]
