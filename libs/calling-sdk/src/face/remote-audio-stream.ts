import type { Sound } from '../media/playback.ts'
import type { RemoteAudioStream, Volume } from './contract/streams.ts'
import { ParleyVolume } from './volume.ts'

/** The mix is made when an app first asks for it. */
type Mix = { context: AudioContext; out: MediaStreamAudioDestinationNode; volume?: ParleyVolume }

/** Everything that is heard of the others in a call, as one stream (ACS: RemoteAudioStream). */
export class ParleyRemoteAudioStream implements RemoteAudioStream {
  private readonly tracks = new Map<MediaStreamTrack, MediaStreamAudioSourceNode | undefined>()
  private mix: Mix | undefined

  /** A track is played; it is part of the stream until it stops. */
  follow(track: MediaStreamTrack, sound: Sound): Sound {
    this.tracks.set(track, this.mix === undefined ? undefined : connect(this.mix, track))
    return {
      setMuted: (isMuted) => sound.setMuted(isMuted),
      stop: () => {
        sound.stop()
        this.tracks.get(track)?.disconnect()
        this.tracks.delete(track)
      },
    }
  }

  async getMediaStream(): Promise<MediaStream> {
    return this.mixed().out.stream
  }

  async getVolume(): Promise<Volume> {
    const mix = this.mixed()
    if (mix.volume !== undefined) return mix.volume
    const [track] = mix.out.stream.getAudioTracks()
    mix.volume = new ParleyVolume(
      new MediaStreamAudioSourceNode(mix.context, { mediaStream: new MediaStream(track === undefined ? [] : [track]) }),
    )
    return mix.volume
  }

  close(): void {
    this.mix?.volume?.close()
    void this.mix?.context.close()
    this.mix = undefined
    this.tracks.clear()
  }

  private mixed(): Mix {
    if (this.mix !== undefined) return this.mix
    const context = new AudioContext()
    this.mix = { context, out: new MediaStreamAudioDestinationNode(context) }
    for (const track of this.tracks.keys()) this.tracks.set(track, connect(this.mix, track))
    return this.mix
  }
}

function connect({ context, out }: Mix, track: MediaStreamTrack): MediaStreamAudioSourceNode {
  const source = new MediaStreamAudioSourceNode(context, { mediaStream: new MediaStream([track]) })
  source.connect(out)
  return source
}
