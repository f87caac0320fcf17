#!/bin/sh
# Makes what the echo bot says: apps/sfu/prompts/*.ulaw, G.711 µ-law at 8 kHz without a header. Needs espeak-ng and sox
# from Debian. The files are committed, so that nothing has to be made for a build; this is for another text or voice.
set -eu
cd "$(dirname "$0")/../../apps/sfu/prompts"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

espeak-ng -v en-us+f3 -s 150 -w "$work/greeting.wav" 'Hello. After the tone, say something. You will hear it again.'
sox "$work/greeting.wav" -t raw -r 8000 -c 1 -e u-law greeting.ulaw norm -6 silence 1 0.02 0.2% reverse silence 1 0.02 0.2% reverse pad 0.1 0.3
sox -n -t raw -r 8000 -c 1 -e u-law tone.ulaw synth 0.3 sine 880 gain -12 fade h 0.02 0.3 0.05 pad 0 0.1
