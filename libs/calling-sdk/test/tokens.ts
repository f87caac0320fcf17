/** A token as the platform makes one, as far as a client reads it; the signature is nobody's. */
export function token(claims: Record<string, unknown> = {}): string {
  const payload = { iss: 'https://calls.example.com', skypeid: user.slice(2), exp: 2_000_000_000, ...claims }
  const coded = [{ alg: 'ES256' }, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  return [...coded, 'signature'].join('.')
}

export const user = '8:acs:11111111-1111-4111-8111-111111111111_22222222-2222-4222-8222-222222222222'
