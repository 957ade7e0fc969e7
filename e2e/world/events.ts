import { type Condition, prometheusBody } from '#server/demo/bodies.ts'

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

/** A firing condition of a service, as Prometheus would tell it; each service has an incident of its own. */
export function critical(service: string, labels: Record<string, string> = {}): Condition {
  return {
    labels: { alertname: 'Broken', service, severity: 'critical', instance: `${service}-1:9100`, ...labels },
    annotations: { summary: `${service} is broken`, description: `Half of the requests to ${service} fail.` },
    startsAt: Date.now() - 1000,
    endedAt: null,
    generatorUrl: 'http://prometheus.example/graph?g0.expr=up',
  }
}

/** Tells conditions with a source's key. @throws Error when they are not acknowledged */
export async function raise(url: string, key: string, conditions: readonly Condition[]): Promise<void> {
  const { status, text } = await post(url, '/api/v2/alerts', prometheusBody(conditions, Date.now() + 600_000), key)
  if (status !== 200) throw new Error(`the alerts were refused: ${status} ${text}`)
}
