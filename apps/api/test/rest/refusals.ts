/** What a refusal says, to who asks by himself and to who asks by Microsoft's clients. */

/** The error in an answer. */
export function errorIn(json: unknown): { code: string; message: string; target?: string } {
  return (json as { error: { code: string; message: string; target?: string } }).error
}

/** What Microsoft's client makes of a refusal. */
export function refusalOf(asked: Promise<unknown>) {
  return asked.then(
    () => 'was not refused',
    ({ statusCode, code, message, details }) => ({ statusCode, code, message, details }),
  )
}
