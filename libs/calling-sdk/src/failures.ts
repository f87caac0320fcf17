/**
 * What the SDK itself can say no to: the one table behind every error that does not come from the server (those are in
 * the protocol's failures.ts). The numbers are ACS's where it has one.
 */
// prettier-ignore
export const sdkFailures = {
  badToken:          { code: 401, subCode: 10009, says: 'The access token was not accepted.' },
  agentExists:       { code: 409, subCode: 40228, says: 'There is a call agent for this identity in this page already. Dispose it first.' },
  agentTimedOut:     { code: 408, subCode: 40104, says: 'The calling service did not answer in time.' },
  agentDisposed:     { code: 400, subCode: 0,     says: 'The call agent has been disposed.' },
  linkClosed:        { code: 496, subCode: 7,     says: 'The connection to the calling service is gone.' },
  requestTimedOut:   { code: 408, subCode: 0,     says: 'The calling service did not answer the request in time.' },
  calledOff:         { code: 487, subCode: 0,     says: 'The request was called off before it was sent.' },
  badReply:          { code: 500, subCode: 0,     says: 'The calling service sent something that this SDK does not understand.' },
  tooLarge:          { code: 413, subCode: 0,     says: 'The request is larger than the calling service takes.' },
  notSupported:      { code: 501, subCode: 0,     says: 'This is not supported in this version.' },
  unsupportedDevice: { code: 500, subCode: 40216, says: 'This browser cannot make calls: it has no usable WebRTC.' },
  malformedId:       { code: 400, subCode: 10044, says: 'The identifier of a participant cannot be read.' },
  tooManyRung:       { code: 400, subCode: 0,     says: 'At most 50 people can be rung at once.' },
  cannotAccept:      { code: 400, subCode: 41006, says: 'The call is not ringing here, so it cannot be accepted.' },
  cannotReject:      { code: 400, subCode: 41007, says: 'The call is not ringing here, so it cannot be rejected.' },
  malformedPlace:    { code: 400, subCode: 5751,  says: 'This is no id of a group call (a GUID) or of a room.' },
  mayNotSpeak:       { code: 400, subCode: 41016, says: 'You may not speak in this call, so it stays muted.' },
  roleForbids:       { code: 403, subCode: 0,     says: 'You may not do this in this call.' },
  cannotHold:        { code: 500, subCode: 41033, says: 'The call is not connected, so it cannot be put on hold.' },
  cannotResume:      { code: 500, subCode: 41034, says: 'The call is not on hold here, so it cannot be resumed.' },
  sharingStarted:    { code: 400, subCode: 41035, says: 'The screen is being shared already.' },
  sharingStopped:    { code: 400, subCode: 41041, says: 'The screen is not being shared.' },
  notConnected:      { code: 412, subCode: 41071, says: 'This can be done in a connected call only.' },
  screenDenied:      { code: 403, subCode: 0,     says: 'The permission to share the screen was denied.' },
  screenFailed:      { code: 500, subCode: 0,     says: 'The screen could not be captured.' },
  cannotUnmute:      { code: 400, subCode: 41016, says: 'There is no microphone that may be used, so the call stays muted.' },
  permissionDenied:  { code: 400, subCode: 40613, says: 'The permission to use the device was denied.' },
  noSpeakers:        { code: 405, subCode: 40606, says: 'This browser does not let a page choose the speaker.' },
  badStream:         { code: 400, subCode: 41025, says: 'This is no local video stream that can be sent.' },
  videoStarted:      { code: 400, subCode: 41027, says: 'Video is started already.' },
  videoStopped:      { code: 400, subCode: 41030, says: 'Video is stopped already.' },
  streamNotSent:     { code: 400, subCode: 41032, says: 'This stream is not being sent.' },
  callOver:          { code: 400, subCode: 0,     says: 'The call is over.' },
  channelClosed:     { code: 400, subCode: 0,     says: 'This data channel is closed.' },
  cameraInUse:       { code: 412, subCode: 43000, says: 'Video operation failure SourceUnavailableError: the camera is in use or cannot be read.' },
  cameraDenied:      { code: 403, subCode: 43001, says: 'Video operation failure permissionDeniedError: the permission to use the camera was denied.' },
  cameraNotFound:    { code: 412, subCode: 43013, says: 'Video operation failure SourceUnavailableError: the camera was not found.' },
  cameraFailed:      { code: 500, subCode: 43002, says: 'The camera could not be started.' },
  streamUnavailable: { code: 412, subCode: 43200, says: 'The video stream is not available.' },
  streamTurnedOff:   { code: 404, subCode: 43202, says: 'The video stream was turned off before it was shown.' },
  noFrames:          { code: 408, subCode: 43203, says: 'No picture arrived in time.' },
  disposedMeanwhile: { code: 405, subCode: 43209, says: 'The renderer was disposed before the picture was shown.' },
  rendererDisposed:  { code: 400, subCode: 43210, says: 'The renderer has been disposed.' },
} as const satisfies Record<string, { code: number; subCode: number; says: string }>

/** The name of an error that the SDK makes itself. */
export type SdkFailure = keyof typeof sdkFailures
