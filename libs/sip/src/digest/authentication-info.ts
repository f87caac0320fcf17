/** RFC 3261 section 20.6: what a server says about authentication in a response that went well. */
import { isOf, may } from '../grammar/index.ts'
import { single } from '../messages/kinds/kind.ts'

/** Values by name in small letters, among them perhaps `nextnonce`. */
export const AuthenticationInfo = single<ReadonlyMap<string, string>>(
  'Authentication-Info',
  (reader) => {
    const values = new Map<string, string>()
    do {
      const name = reader.some(may.token, 'Authentication-Info').toLowerCase()
      reader.skipSpaces()
      reader.expect('=', 'Authentication-Info')
      reader.skipSpaces()
      const isQuoted = !isOf(reader.peek(), may.token)
      values.set(name, isQuoted ? reader.quotedString('Authentication-Info') : reader.while(may.token))
    } while (reader.skipSeparator(','))
    return values
  },
  (values) => [...values].map(([name, value]) => `${name}="${value}"`).join(', '),
)
