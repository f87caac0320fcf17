#!/bin/sh
# Makes what the echo bot and the phones' node say: */prompts/*.ulaw, G.711 µ-law at 8 kHz without a header. Needs
# espeak-ng and sox from Debian. The files are committed, so that nothing has to be made for a build; this is for another
# text or voice.
set -eu
cd "$(dirname "$0")/../../apps"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# says FILE SPEED TEXT: without silence at either end but a breath.
says() {
  espeak-ng -v en-us+f3 -s "$2" -w "$work/said.wav" "$3"
  sox "$work/said.wav" -t raw -r 8000 -c 1 -e u-law "$1" norm -6 silence 1 0.02 0.2% reverse silence 1 0.02 0.2% reverse pad 0.1 0.3
}

says sfu/prompts/greeting.ulaw 150 'Hello. After the tone, say something. You will hear it again.'
sox -n -t raw -r 8000 -c 1 -e u-law sfu/prompts/tone.ulaw synth 0.3 sine 880 gain -12 fade h 0.02 0.3 0.05 pad 0 0.1

says sip/prompts/muted.ulaw 165 'You are muted. Press star 6 to unmute.'
says sip/prompts/now-muted.ulaw 165 'You are now muted.'
says sip/prompts/unmuted.ulaw 165 'You are now unmuted.'
says sip/prompts/cannot-unmute.ulaw 165 'You cannot unmute now.'
says sip/prompts/lobby.ulaw 165 'Please wait to be let in.'
says sip/prompts/goodbye.ulaw 165 'Goodbye.'
