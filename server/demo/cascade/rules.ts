import type { ServiceKind } from './graph.ts'

/** How a service suffers. */
export type Suffering = 'down' | 'slow' | 'errors'

/** What an alert is about; it decides which labels it carries. */
export type Scope = 'service' | 'first instance' | 'some instances' | 'endpoint' | 'host'

/** An alerting rule and how probable it is that it fires. Names and words as in kube-prometheus, the mixins of Prometheus and its exporters, and awesome-prometheus-alerts. */
export interface AlertRule {
  alertname: string
  severity: 'critical' | 'warning' | 'info' | 'none'
  scope: Scope
  /** How long after the trouble reached the service it fires, s: the rule's `for`, and how long it takes to be seen. */
  afterS: readonly [number, number]
  chance: number
  summary: string
}

const rule = (
  alertname: string,
  severity: AlertRule['severity'],
  scope: Scope,
  afterS: readonly [number, number],
  chance: number,
  summary: string,
): AlertRule => ({ alertname, severity, scope, afterS, chance, summary })

const failing: readonly AlertRule[] = [
  rule('HighErrorRate', 'critical', 'service', [60, 120], 1, 'More than 5 % of requests fail'),
  rule('ErrorBudgetBurn', 'critical', 'service', [120, 240], 0.5, 'The error budget of 30 days is gone in two'),
  rule('BlackboxProbeFailed', 'critical', 'endpoint', [30, 90], 0.4, 'The probe gets no good answer'),
  rule('KubePodNotReady', 'warning', 'some instances', [120, 300], 0.3, 'A pod is not ready'),
]
const slow: readonly AlertRule[] = [
  rule('HighRequestLatency', 'warning', 'service', [90, 180], 1, 'The 99th percentile is above 2 s'),
  rule('BlackboxSlowProbe', 'warning', 'endpoint', [60, 120], 0.4, 'The probe takes more than a second'),
]
const crashing: readonly AlertRule[] = [
  rule('TargetDown', 'warning', 'service', [60, 120], 0.7, 'Targets cannot be scraped'),
  rule('KubePodCrashLooping', 'warning', 'some instances', [60, 240], 0.8, 'A pod restarts again and again'),
  rule('KubeDeploymentReplicasMismatch', 'warning', 'service', [120, 300], 0.6, 'Fewer replicas than wanted'),
]
const late: readonly AlertRule[] = [
  rule('QueueBacklogGrowing', 'warning', 'service', [120, 300], 1, 'Work comes faster than it is done'),
  rule('JobDurationHigh', 'warning', 'service', [180, 360], 0.4, 'Jobs take three times as long as usual'),
]
const provider: readonly AlertRule[] = [
  rule('ProviderUnreachable', 'critical', 'service', [20, 60], 1, 'The provider does not answer'),
]

const byKind: Readonly<Record<ServiceKind, Readonly<Record<Suffering, readonly AlertRule[]>>>> = {
  edge: { down: [...failing, ...crashing], errors: failing, slow },
  api: { down: [...failing, ...crashing], errors: failing, slow },
  worker: { down: [...late, ...crashing], errors: late, slow: late },
  database: {
    down: [
      rule('PostgresqlDown', 'critical', 'first instance', [15, 45], 1, 'PostgreSQL does not answer'),
      rule('KubeStatefulSetReplicasMismatch', 'warning', 'service', [180, 300], 0.6, 'Fewer replicas than wanted'),
      rule('PostgresqlReplicationLag', 'warning', 'some instances', [60, 120], 0.5, 'A replica is behind'),
    ],
    errors: [rule('PostgresqlHighRollbackRate', 'warning', 'first instance', [60, 120], 1, 'Many rollbacks')],
    slow: [
      rule('PostgresqlSlowQueries', 'warning', 'first instance', [30, 90], 1, 'Queries take more than a minute'),
      rule(
        'PostgresqlTooManyConnections',
        'warning',
        'first instance',
        [60, 150],
        0.8,
        'Over 80 % of connections used',
      ),
      rule('PostgresqlHighRateDeadlock', 'warning', 'first instance', [60, 150], 0.3, 'Deadlocks'),
      rule('NodeDiskIOSaturation', 'warning', 'host', [90, 240], 0.6, 'Requests wait for the disk'),
    ],
  },
  cache: {
    down: [
      rule('RedisDown', 'critical', 'some instances', [15, 60], 1, 'Redis does not answer'),
      rule('RedisDisconnectedSlaves', 'critical', 'first instance', [30, 90], 0.5, 'A replica is disconnected'),
    ],
    errors: [rule('RedisRejectedConnections', 'critical', 'first instance', [30, 90], 1, 'Connections are refused')],
    slow: [rule('RedisTooManyConnections', 'warning', 'first instance', [30, 90], 1, 'Over 90 % of clients')],
  },
  queue: {
    down: [
      rule('KafkaUnderReplicatedPartitions', 'critical', 'some instances', [20, 60], 1, 'Partitions lack replicas'),
      rule('KafkaOfflinePartitions', 'critical', 'service', [20, 60], 0.7, 'Partitions have no leader'),
    ],
    errors: [rule('KafkaConsumerGroupLag', 'warning', 'service', [60, 180], 1, 'A consumer is behind')],
    slow: [rule('KafkaConsumerGroupLag', 'warning', 'service', [60, 180], 1, 'A consumer is behind')],
  },
  external: { down: provider, errors: provider, slow: provider },
}

/** What fires when a service of this kind suffers so. */
export function rulesFor(kind: ServiceKind, suffering: Suffering): readonly AlertRule[] {
  return byKind[kind][suffering]
}

export const hostLost: readonly AlertRule[] = [
  rule('KubeNodeNotReady', 'warning', 'host', [30, 90], 1, 'The node is not ready'),
  rule('KubeNodeUnreachable', 'warning', 'host', [60, 120], 0.7, 'The node cannot be reached'),
]
export const machineLost: readonly AlertRule[] = [
  rule('HostDown', 'critical', 'host', [30, 90], 1, 'The host does not answer'),
]
export const podLost = rule('KubePodNotReady', 'warning', 'some instances', [90, 240], 1, 'A pod is not ready')
export const replicasLost = rule(
  'KubeDeploymentReplicasMismatch',
  'warning',
  'service',
  [120, 300],
  0.8,
  'Fewer replicas than wanted',
)
export const rolloutStuck = rule(
  'KubeDeploymentRolloutStuck',
  'warning',
  'service',
  [180, 300],
  0.8,
  'A rollout does not get on',
)
export const certificateEnded = rule(
  'BlackboxSslCertificateExpired',
  'critical',
  'endpoint',
  [0, 60],
  1,
  'The certificate has expired',
)
export const flapping: readonly AlertRule[] = [
  rule('NodeNetworkInterfaceFlapping', 'warning', 'host', [0, 30], 1, 'An interface goes up and down'),
  rule('NodeSystemSaturation', 'warning', 'host', [0, 60], 0.6, 'More work than processors'),
]
export const restarted: readonly AlertRule[] = [
  rule('TargetDown', 'warning', 'service', [20, 60], 1, 'Targets cannot be scraped'),
  rule('BlackboxProbeFailed', 'critical', 'endpoint', [20, 60], 0.8, 'The probe gets no good answer'),
]
/** Small things of every day: each is an incident of its own. */
export const ordinary: readonly AlertRule[] = [
  rule('NodeFilesystemSpaceFillingUp', 'warning', 'host', [0, 60], 1, 'The disk is full in 24 hours'),
  rule('KubeJobFailed', 'warning', 'service', [0, 60], 1, 'A job failed'),
  rule('KubePersistentVolumeFillingUp', 'warning', 'service', [0, 60], 1, 'A volume is nearly full'),
  rule('NodeClockSkewDetected', 'warning', 'host', [0, 60], 1, 'The clock is off'),
  rule('KubeHpaMaxedOut', 'warning', 'service', [0, 60], 1, 'No more replicas are allowed'),
]
/** What fires for nobody. */
export const noise: readonly AlertRule[] = [
  rule('Watchdog', 'none', 'service', [0, 30], 1, 'The alert path works'),
  rule('NodeCPUHighUsage', 'info', 'host', [0, 900], 0.5, 'Over 90 % of processors used'),
]
