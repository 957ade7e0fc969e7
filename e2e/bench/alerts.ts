import type { Condition } from '#server/demo/bodies.ts'

const services = 50
const names = [
  ['HighErrorRate', 'more than 5 % of requests fail'],
  ['HighLatency', 'the 99th percentile is above 800 ms'],
  ['PodCrashLooping', 'a container restarts again and again'],
  ['DiskWillFillIn4h', 'the disk fills up within four hours'],
  ['QueueBacklog', 'messages wait longer than ten minutes'],
  ['ReplicationLag', 'a replica is more than 60 s behind'],
  ['CertificateExpiry', 'a certificate ends within seven days'],
  ['MemoryPressure', 'less than 5 % of memory is free'],
  ['TargetDown', 'the target cannot be scraped'],
  ['TooManyConnections', 'the connection pool is exhausted'],
] as const
const severities = ['critical', 'warning', 'warning', 'info'] as const

/** `count` distinct conditions with the labels and annotations that a Kubernetes shop's rules carry (≈ 600 bytes each). */
export function distinctConditions(count: number, startsAt: number): Condition[] {
  return Array.from({ length: count }, (_, index) => {
    const [alertname, trouble] = names[index % names.length]!
    const service = `service-${String(Math.floor(index / names.length) % services).padStart(2, '0')}`
    const pod = Math.floor(index / (names.length * services))
    const instance = `10.${pod % 250}.${index % 250}.${(index * 7) % 250}:8080`
    return {
      labels: {
        alertname,
        cluster: index % 3 === 0 ? 'eu-west-1' : 'eu-central-1',
        instance,
        job: `${service}-http`,
        namespace: 'production',
        pod: `${service}-7c9d8f6b5-${pod.toString(36).padStart(5, 'x')}`,
        service,
        severity: severities[index % severities.length]!,
      },
      annotations: {
        summary: `${alertname} on ${service}`,
        description: `On ${instance} of ${service} (production) ${trouble}. Value: ${(index % 97) + 1}.`,
        runbook_url: `https://runbooks.example/${service}/${alertname}`,
      },
      startsAt,
      endedAt: null,
      generatorUrl: `http://prometheus.example:9090/graph?g0.expr=job%3A${alertname}%3Arate5m%7Bservice%3D%22${service}%22%7D&g0.tab=1`,
    }
  })
}
