import type { Access } from '../access/index.ts'

/** What a person must see once: set-up link, first key. Null when there is nothing to say. */
export interface Welcome {
  setup: string | null
  curl: string | null
}

/** First start: the link for the first administrator, and a source to try the curl line with. */
export async function welcome(access: Access, url: string, withSource: boolean): Promise<Welcome> {
  const link = await access.links.issueSetup()
  if (!withSource || access.sources.list().length > 0)
    return { setup: link && `${url}/setup#${link.token}`, curl: null }
  const { key } = await access.sources.add(
    { by: 'system:start', address: null },
    { kind: 'alertmanager', name: 'First events' },
  )
  const body =
    '[{"labels":{"alertname":"FirstEvent","service":"checkout","severity":"critical"},"annotations":{"summary":"Checkout: 1 in 5 payments fails"}}]'
  return {
    setup: link && `${url}/setup#${link.token}`,
    curl: `curl -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' -d '${body}' ${url}/api/v2/alerts`,
  }
}
