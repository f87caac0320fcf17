import { describe, expect, it } from '@jest/globals'
import { CommunicationIdentityClient } from '@azure/communication-identity'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { setStage } from '../support/stage.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../', import.meta.url))

/** A server app as somebody else writes it, who has a connection string and a CA file and nothing of ours. */
const serverApp = `
  import { CommunicationIdentityClient } from '@azure/communication-identity'
  const insecure = process.env.CONNECTION_STRING.startsWith('endpoint=http:')
  const identities = new CommunicationIdentityClient(process.env.CONNECTION_STRING, { allowInsecureConnection: insecure })
  const ann = await identities.createUser()
  const withToken = await identities.createUserAndToken(['voip'], { tokenExpiresInMinutes: 60 })
  const token = await identities.getToken(ann, ['voip', 'chat'])
  await identities.revokeTokens(ann)
  const again = await identities.getToken(ann, ['voip'])
  await identities.deleteUser(ann)
  const gone = await identities.getToken(ann, ['voip']).catch(({ statusCode, code }) => ({ statusCode, code }))
  console.log(JSON.stringify({ ann, withToken, token, again, gone }))
`

async function runServerApp(connectionString: string, caFile?: string) {
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', serverApp], {
    cwd: root,
    timeout: 20_000,
    env: {
      PATH: process.env.PATH,
      CONNECTION_STRING: connectionString,
      ...(caFile === undefined ? {} : { NODE_EXTRA_CA_CERTS: caFile }),
    },
  })
  return JSON.parse(stdout) as {
    ann: { communicationUserId: string }
    withToken: { user: { communicationUserId: string }; token: string; expiresOn: string }
    token: { token: string; expiresOn: string }
    again: { token: string }
    gone: { statusCode: number; code: string }
  }
}

describe("Microsoft's identity client", () => {
  const stage = setStage()

  it.each(['https, trusting the printed CA file', 'http, where it was told that this is allowed'])(
    'creates users, issues tokens, revokes and deletes over %s',
    async (how) => {
      const { platform } = stage
      const ran = how.startsWith('https')
        ? await runServerApp(platform.httpsConnectionString, platform.caFile)
        : await runServerApp(platform.connectionString)
      expect(ran.ann.communicationUserId).toMatch(/^8:acs:[0-9a-f-]{36}_[0-9a-f-]{36}$/)
      expect(ran.withToken.user.communicationUserId).not.toBe(ran.ann.communicationUserId)
      const livesForMs = Date.parse(ran.withToken.expiresOn) - Date.now()
      expect(livesForMs).toBeGreaterThan(58 * 60_000)
      expect(livesForMs).toBeLessThanOrEqual(60 * 60_000)
      expect(claimsOf(ran.token.token)).toMatchObject({
        skypeid: ran.ann.communicationUserId.slice('8:'.length),
        acsScope: 'voip,chat',
      })
      expect(ran.again.token).not.toBe(ran.token.token)
      expect(ran.gone).toEqual({ statusCode: 401, code: 'IdentityNotOwned' })
    },
  )

  it('is not let in over https without the CA file', async () => {
    await expect(runServerApp(stage.platform.httpsConnectionString)).rejects.toThrow(
      /UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED|UNABLE_TO_GET_ISSUER/,
    )
  })

  it('is told in ACS words what was wrong', async () => {
    const { platform } = stage
    const user = await platform.identities.createUser()
    const wrongKey = new CommunicationIdentityClient(
      `endpoint=${platform.url}/;accesskey=${Buffer.alloc(64, 7).toString('base64')}`,
      { allowInsecureConnection: true },
    )
    await expect(wrongKey.createUser()).rejects.toMatchObject({ statusCode: 401, code: expect.any(String) })
    for (const tokenExpiresInMinutes of [59, 1441]) {
      const asked = platform.identities.getToken(user, ['voip'], { tokenExpiresInMinutes })
      await expect(asked).rejects.toMatchObject({ statusCode: 400, code: expect.any(String) })
    }
    const stranger = { communicationUserId: `${user.communicationUserId.slice(0, -36)}${crypto.randomUUID()}` }
    await expect(platform.identities.revokeTokens(stranger)).rejects.toMatchObject({ statusCode: 401 })
  })
})

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
}
