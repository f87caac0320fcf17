/**
 * What a person reads when a call ends: says what happened and what to do next. The numbers are ACS's
 * (CallEndReason.code and subCode); a pair that this page does not know falls back to the SDK's own message.
 */

/** What happened, and what the reader can do about it. */
export type Sentence = { says: string; todo: string | undefined }

/** How a call ended, as the SDK tells it (ACS: CallEndReason). */
export type CallEnd = { code: number; subCode?: number | undefined; message?: string | undefined }

/** As a caller, as a callee, or as one who joined a group or a room. */
type Side = 'Outgoing' | 'Incoming' | 'Joined'
type Row = {
  /** What the caller reads; the callee too, unless `callee` says it otherwise. {other} is the other side's name. */
  says: string
  callee?: string
  /** What who joined reads, in the same way. */
  joined?: string
  todo?: string
  /** Whether calling again may help: the page then offers it. */
  mayCallAgain: boolean
}

/** An app can put this right, whoever reads the page cannot: what the SDK says about it is for the one who writes the app. */
const noNumberToShow = '403/510403 alternateCallerId'

// prettier-ignore
const ends: Readonly<Record<string, Row>> = {
  '0/0':        { mayCallAgain: true,  says: 'The call with {other} has ended.', joined: 'You have left {other}.' },
  '0/4097':     { mayCallAgain: true,  says: 'The call was ended for everybody.' },
  '0/5300':     { mayCallAgain: true,  says: 'Somebody took you out of the call.' },
  '0/5317':     { mayCallAgain: false, says: 'You are not invited to this room any more.', todo: 'Ask whoever runs the room to invite you again.' },
  '0/7000':     { mayCallAgain: false, says: 'The room has closed.', todo: 'Ask whoever runs the room when it opens again.' },
  '403/5854':   { mayCallAgain: true,  says: 'Nobody let you in.', todo: 'Tell somebody in the call that you are waiting, then try again.' },
  '403/5828':   { mayCallAgain: false, says: 'You are not invited to this room.', todo: 'Ask whoever runs the room to add you. Your address, for the invitation, stands below.' },
  '403/5829':   { mayCallAgain: true,  says: 'The room cannot be entered now: it has not opened yet, or has closed.', todo: 'Ask whoever runs the room when it is open, then try again.' },
  '404/5732':   { mayCallAgain: false, says: 'There is no room with this id.', todo: 'Check that its link or id was copied whole.' },
  '400/5751':   { mayCallAgain: false, says: 'This leads to no group and no room.', todo: 'Check that the link or the id was copied whole, or start a group of your own.' },
  '0/4521':     { mayCallAgain: true,  says: '{other} left without hanging up.', todo: 'Perhaps the page was closed, or the network was lost. Call again in a moment.' },
  '487/0':      { mayCallAgain: true,  says: 'You hung up before {other} answered.', callee: '{other} hung up before you answered.' },
  '487/10003':  { mayCallAgain: false, says: 'You answered {other} on another device.' },
  '487/10004':  { mayCallAgain: true,  says: '{other} did not answer.', callee: 'You missed a call from {other}.' },
  '603/0':      { mayCallAgain: true,  says: '{other} declined the call.', callee: 'You declined the call from {other}.' },
  '480/10037':  { mayCallAgain: true,  says: '{other} is not here right now.', todo: 'Ask them to open this page, then call again.' },
  '400/10044':  { mayCallAgain: false, says: 'This person cannot be called: their address cannot be read.' },
  '408/10057':  { mayCallAgain: true,  says: 'The call could not be connected in time.', todo: 'Sound and picture did not get through. Check the network of both sides, then call again.' },
  '410/301005': { mayCallAgain: true,  says: 'Sound and picture were lost.', todo: 'They could not be restored. Check your network, then call again.' },
  '496/7':      { mayCallAgain: true,  says: 'Your network was lost, and the call with it.', todo: 'Check your network, then call again.' },
  '495/4507':   { mayCallAgain: false, says: 'Your identity is not valid any more.', todo: 'Leave, and continue with a new one.' },
  '401/10009':  { mayCallAgain: false, says: 'The server did not accept your identity.', todo: 'Leave, and continue with a new one.' },
  '0/560000':   { mayCallAgain: true,  says: 'The call with {other} has ended.' },
  '0/540000':   { mayCallAgain: true,  says: 'The call with {other} has ended.' },
  '487/540487': { mayCallAgain: true,  says: '{other} hung up before you answered.' },
  '486/560486': { mayCallAgain: true,  says: '{other} is busy.' },
  '603/560603': { mayCallAgain: true,  says: '{other} declined the call.' },
  '408/560408': { mayCallAgain: true,  says: '{other} did not answer.' },
  '480/560480': { mayCallAgain: true,  says: '{other} cannot be reached right now.', todo: 'A softphone on this machine is there while it is registered by this number.' },
  '403/511532': { mayCallAgain: false, says: 'No trunk leads to the phone network yet.', todo: 'Softphones on this machine can be called by their short numbers, such as 1001.' },
  '503/0':      { mayCallAgain: true,  says: 'The server cannot take the call right now.', todo: 'Wait a moment, then call again.' },

  '0/7015':     { mayCallAgain: false, says: 'The call was transferred.' },
  '408/0':      { mayCallAgain: true,  says: 'The transfer was not answered in time.' },

  // Of telephones, beside those above.
  '480/540480': { mayCallAgain: true,  says: 'Nobody was found who takes this call.' },
  '404/560404': { mayCallAgain: false, says: 'There is no telephone with the number {other}.', todo: 'Check the number, then call again.' },
  '410/560410': { mayCallAgain: false, says: 'The number {other} is no longer in use.' },
  '484/560484': { mayCallAgain: false, says: 'The number {other} is not complete.', todo: 'Check that it was typed whole: + and the country first, such as +49 30 123456.' },
  '487/560487': { mayCallAgain: true,  says: 'The phone network ended the call before {other} answered.' },
  '410/560302': { mayCallAgain: false, says: '{other} passes calls on to where this server does not call.' },
  '400/560400': { mayCallAgain: false, says: 'The phone network did not understand the call to {other}.', todo: 'Check the number. If it is right, whoever runs this server can see in its log what the network said.' },
  '401/560401': { mayCallAgain: false, says: 'The phone network does not let this server in.', todo: 'Whoever runs the server should check the account of its trunk.' },
  '403/560403': { mayCallAgain: false, says: 'The phone network does not allow calls to {other}.' },
  '488/560488': { mayCallAgain: false, says: 'The telephone and this server have no sound format in common.', todo: 'Whoever runs the server can allow more codecs for its trunk.' },
  '500/560500': { mayCallAgain: true,  says: 'Something went wrong in the phone network.', todo: 'Call again in a moment.' },
  '503/560503': { mayCallAgain: true,  says: 'The phone network is out of reach.', todo: 'Wait a moment, then call again. If it stays so, whoever runs the server should look at its trunks.' },
  '410/531004': { mayCallAgain: true,  says: 'Nothing came from {other} any more, so the call was ended.', todo: 'Call again in a moment.' },
  '503/500001': { mayCallAgain: true,  says: 'The server lost the call with {other}.', todo: 'Call again in a moment.' },
  '404/511404': { mayCallAgain: false, says: 'This server has no way to the number {other}.', todo: 'Check that it was typed whole: + and the country first, such as +49 30 123456.' },
  // Four refusals share these numbers; their messages tell them apart, and are for people.
  '403/510403': { mayCallAgain: false, says: '{message}' },
  [noNumberToShow]: { mayCallAgain: false, says: 'Calls to {other} must show a number, and this page has none to show.', todo: 'Telephones on the same machine can be called by their short numbers, such as 1001.' },
}

/** The sentence for an ended call. `other` is the other side's name as it is shown. */
export function sentenceOfEnd(end: CallEnd, other: string, side: Side): { sentence: Sentence; mayCallAgain: boolean } {
  const row = ends[rowOf(end)]
  if (row === undefined) return { sentence: unknownEnd(end, other), mayCallAgain: true }
  const own = { Outgoing: row.says, Incoming: row.callee, Joined: row.joined }
  const says = own[side] ?? row.says
  return { sentence: { says: filled(says, other, end), todo: row.todo }, mayCallAgain: row.mayCallAgain }
}

function rowOf({ code, subCode = 0, message = '' }: CallEnd): string {
  const numbers = `${code}/${subCode}`
  return numbers === '403/510403' && message.includes('alternateCallerId') ? noNumberToShow : numbers
}

function filled(says: string, other: string, { message }: CallEnd): string {
  if (says === '{message}') return message || 'This call is not allowed.'
  return says.replaceAll('{other}', () => other)
}

/** The sentence for what the SDK threw (an Error with ACS's code and subCode), or `otherwise` where that says no more. */
export function sentenceOfFailure(error: unknown, other: string, otherwise: Sentence): Sentence {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'number') return otherwise
  const subCode = 'subCode' in error && typeof error.subCode === 'number' ? error.subCode : 0
  return `${error.code}/${subCode}` in ends
    ? sentenceOfEnd({ code: error.code, subCode }, other, 'Outgoing').sentence
    : otherwise
}

function unknownEnd(end: CallEnd, other: string): Sentence {
  const numbers = `${end.code}/${end.subCode ?? 0}`
  return {
    says: end.message || `The call with ${other} has ended.`,
    todo: `If it happens again, this number helps to find out why: ${numbers}.`,
  }
}

/** Why this device cannot take part, before anything was asked of the server. */
export const deviceSentences = {
  insecurePage: {
    says: 'This page cannot use your microphone.',
    todo: 'Browsers allow it only over https, or on localhost. Open the page at such an address.',
  },
  oldBrowser: {
    says: 'This browser cannot make calls.',
    todo: 'Use a recent version of Chrome, Edge, Firefox or Safari.',
  },
  microphoneDenied: {
    says: 'The microphone is blocked for this page.',
    todo: 'Allow it in the site settings, beside the address of this page, then try again.',
  },
  microphoneMissing: { says: 'No microphone was found.', todo: 'Plug one in or switch it on, then try again.' },
  microphoneStopped: {
    says: 'Your microphone has stopped working.',
    todo: 'The others do not hear you. Check that it is plugged in, then unmute.',
  },
  mutedByOthers: { says: 'Somebody has muted you.', todo: 'Unmute to speak.' },
  cameraStopped: { says: 'Your camera has stopped.', todo: 'Check that it is plugged in, then turn it on again.' },
  cameraDenied: {
    says: 'The camera is blocked for this page.',
    todo: 'Allow it in the site settings, beside the address of this page, then turn it on again.',
  },
  cameraMissing: { says: 'No camera was found.', todo: 'Plug one in or switch it on, then turn it on again.' },
  cameraBusy: {
    says: 'The camera could not be started.',
    todo: 'Close other apps that may be using it, then turn it on again.',
  },
} as const satisfies Record<string, Sentence>

/** Ours and the server's troubles that are no end of a call. */
export const troubleSentences = {
  tooMany: { says: 'The server has given out many identities just now.', todo: 'Wait a minute, then try again.' },
  demoOff: {
    says: 'The demo is switched off on this server.',
    todo: 'Whoever runs it can switch it on with DEMO=on.',
  },
  nameRefused: { says: 'The server does not take this name.', todo: 'Try a shorter one.' },
  unreachable: {
    says: 'The server cannot be reached.',
    todo: 'Check that it runs and that you are online, then try again.',
  },
  broken: {
    says: 'The server gave an answer that this page does not understand.',
    todo: 'Reload the page, then try again.',
  },
  identityOver: { says: 'Your identity has run out.', todo: 'Continue to get a new one.' },
  identityOverInCall: {
    says: 'Your identity has run out.',
    todo: 'This call goes on. After it you can get a new one.',
  },
  soundBlocked: { says: 'Your browser keeps this page silent until you touch it.', todo: undefined },
  noLink: { says: 'The connection for calls could not be opened.', todo: 'Check your network, then try again.' },
  noMicrophoneList: { says: 'Your microphones could not be listed.', todo: 'Reload the page, then try again.' },
  hangUpFailed: { says: 'The server could not be told that you hung up.', todo: 'Try again, or close this page.' },
  keyNotSent: { says: 'The telephone did not get the key.', todo: 'Press it again.' },
  muteFailed: { says: 'The microphone could not be switched.', todo: 'Try again.' },
  answerFailed: { says: 'The call could not be answered.', todo: 'Try again, or decline it.' },
  callFailed: { says: 'The call could not be started.', todo: 'Try again in a moment.' },
  joinFailed: { says: 'You could not join.', todo: 'Try again in a moment.' },
  wishFailed: { says: 'This did not work.', todo: 'Try again.' },
  linkNotCopied: { says: 'The link could not be copied.', todo: 'Select it and copy it by hand.' },
  pictureFailed: { says: 'The picture cannot be shown.', todo: undefined },
} as const satisfies Record<string, Sentence>

/** How long something lasted, in words: 9 s, 2 min 31 s, 1 h 4 min. */
export function durationInWords(ms: number): string {
  const totalS = Math.max(0, Math.round(ms / 1000))
  const [hours, minutes, seconds] = [Math.floor(totalS / 3600), Math.floor(totalS / 60) % 60, totalS % 60]
  if (hours > 0) return `${hours} h ${minutes} min`
  return minutes > 0 ? `${minutes} min ${seconds} s` : `${seconds} s`
}

/** The same as a clock that runs: 0:09, 2:31, 1:04:00. */
export function durationOnClock(ms: number): string {
  const totalS = Math.max(0, Math.floor(ms / 1000))
  const two = (value: number): string => String(value).padStart(2, '0')
  const [hours, minutes, seconds] = [Math.floor(totalS / 3600), Math.floor(totalS / 60) % 60, totalS % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`
}
