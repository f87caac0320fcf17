import type { PreCallFindings as Found } from '../contract/pre-call-test.ts'
import { DiagnosticQuality } from './diagnostics.ts'

/** What a test found, in words for the person: what hinders calls first, then what he may want to know. */
export function sentencesOf(found: Found): string[] {
  const trouble = [...ofNetwork(found), ...ofDevices(found)]
  return trouble.length === 0 ? ['Everything is ready for calls.'] : trouble
}

function ofNetwork({ isBrowserSupported, service, media, quality }: Found): string[] {
  if (!isBrowserSupported) return ['This browser cannot make calls. Take a newer one.']
  // What the service itself says is more than we could guess.
  if (!service.isReached)
    return [
      service.problem ?? 'The calling service is not reached. Look whether the network is there, or ask who runs it.',
    ]
  if (!media.isReached)
    return [media.problem ?? 'Sound does not get through to the calling service. A firewall may be in the way.']
  const sentences = media.problem === undefined ? [] : [media.problem]
  if (quality !== DiagnosticQuality.Good) {
    const lost = Math.round((media.lossRatio ?? 0) * 100)
    const round = Math.round(media.roundTripTimeMs ?? 0)
    const how = quality === DiagnosticQuality.Bad ? 'too bad for calls' : 'not good, calls may suffer'
    sentences.push(
      `The network is ${how}: ${lost} % of the sound is lost, and the way there and back takes ${round} ms.`,
    )
  }
  if (media.protocol === 'tcp') sentences.push('The network blocks UDP. Sound takes a slower way, which mostly works.')
  return sentences
}

function ofDevices({ devices, permissions }: Found): string[] {
  const sentences: string[] = []
  const look = (name: 'microphone' | 'camera', count: number): void => {
    if (permissions[name] === 'denied')
      sentences.push(`This page may not use the ${name}. Allow it in the settings of the browser.`)
    else if (count === 0) sentences.push(`No ${name} was found.`)
    else if (permissions[name] === 'prompt') sentences.push(`The browser will ask whether the ${name} may be used.`)
  }
  look('microphone', devices.microphones)
  look('camera', devices.cameras)
  if (devices.speakers === 0) sentences.push('No speaker was found.')
  return sentences
}
