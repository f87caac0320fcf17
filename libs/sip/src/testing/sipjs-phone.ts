/** SIP.js, somebody else's SIP stack, as a telephone over WebSocket: the far end that we did not write. */
import {
  DigestAuthentication,
  Grammar,
  IncomingRequestMessage,
  IncomingResponseMessage,
  LoggerFactory,
  Parser,
  UserAgentCore,
  type Body,
  type URI,
  type UserAgentCoreDelegate,
} from 'sip.js/lib/core/index.js'
import { WebSocket } from 'ws'

export type SipJsPhone = {
  core: UserAgentCore
  uri: URI
  /** A message to somebody outside of a dialog, to be given to `core`. */
  message(method: string, to: string, body?: Body): ReturnType<UserAgentCore['makeOutgoingRequestMessage']>
  close(): void
}

export const sipJsDescription: Body = {
  contentDisposition: 'session',
  contentType: 'application/sdp',
  content: 'v=0\r\no=- 7 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\nm=audio 7000 RTP/AVP 0\r\n',
}

/** Connects to a WebSocket door on loopback. */
export async function sipJsPhone(
  port: number,
  delegate: UserAgentCoreDelegate = {},
  password = '',
): Promise<SipJsPhone> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, 'sip')
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  const loggers = new LoggerFactory()
  loggers.builtinEnabled = false
  const uri = parsed('sip:sipjs@example.com')
  const contact = parsed('sip:sipjs@sipjs.invalid;transport=ws')
  const core = new UserAgentCore(
    {
      aor: uri,
      contact: { pubGruu: undefined, tempGruu: undefined, uri: contact, toString: () => `<${contact.toString()}>` },
      displayName: '',
      loggerFactory: loggers,
      hackViaTcp: false,
      routeSet: [],
      sipjsId: 'sipjs',
      supportedOptionTags: ['100rel', 'outbound'],
      supportedOptionTagsResponse: ['outbound'],
      userAgentHeaderFieldValue: 'SIP.js',
      viaForceRport: false,
      viaHost: 'sipjs.invalid',
      authenticationFactory: () => new DigestAuthentication(loggers, undefined, 'sipjs', password),
      transportAccessor: () => ({
        protocol: 'WS',
        send: async (message: string) => socket.send(message),
      }),
    },
    delegate,
  )
  socket.on('message', (data) => {
    const message = Parser.parseMessage(String(data), loggers.getLogger('parser'))
    if (message instanceof IncomingRequestMessage) core.receiveIncomingRequestFromTransport(message)
    if (message instanceof IncomingResponseMessage) core.receiveIncomingResponseFromTransport(message)
  })
  return {
    core,
    uri,
    message: (method, to, body) =>
      core.makeOutgoingRequestMessage(
        method,
        parsed(to),
        uri,
        parsed(to),
        {},
        [`Contact: <${contact.toString()}>`],
        body,
      ),
    close: () => {
      core.dispose()
      socket.terminate()
    },
  }
}

function parsed(text: string): URI {
  const uri = Grammar.URIParse(text)
  if (uri === undefined) throw new Error(`SIP.js cannot read ${text}`)
  return uri
}
