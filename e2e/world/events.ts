/** Posts a body to a door of the intake with a source's key. */
export async function post(
  url: string,
  path: string,
  body: string,
  key?: string,
): Promise<{ status: number; text: string; retryAfter: string | null }> {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
    body,
  })
  return { status: response.status, text: await response.text(), retryAfter: response.headers.get('retry-after') }
}
