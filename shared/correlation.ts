import { z } from 'zod'
import type { CompiledMatcher } from './matchers.ts'

const label = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_.\-/]*$/)

/** One of `correlate` in a policy: by equal labels, along the dependencies of services, or from a cause to its effects. */
export function correlationSchemaWith(
  name: z.ZodType<string, string>,
  matcher: z.ZodType<CompiledMatcher, string>,
  duration: z.ZodType<number, string>,
) {
  return z
    .strictObject({
      name,
      match: z.array(matcher).default([]).describe('Alerts that the rule is about; of a cause: its effects'),
      by: z
        .array(label)
        .min(1)
        .max(10)
        .optional()
        .describe(
          'Labels that must be present and equal; `service` is the resolved service, `host` the machine, `group` the vendor’s own group',
        ),
      along: z
        .literal('depends_on')
        .optional()
        .describe(
          'Or: joins the incident of a service that its own depends on, or of one that depends on it and has no other explanation',
        ),
      hops: z.int().min(1).max(10).default(3).describe('`along`: so many dependencies in a row'),
      cause: z
        .array(matcher)
        .min(1)
        .max(100)
        .optional()
        .describe('Or: alerts whose effects `match` are; both join one incident, whichever comes first'),
      equal: z.array(label).max(10).default([]).describe('`cause`: labels that both must have, with the same value'),
      window: duration.prefault('15m').describe('Joins while alerts keep arriving within this'),
      cap: duration.prefault('4h').describe('…but not longer than this after the first'),
    })
    .superRefine(({ by, along, cause, equal, match }, context) => {
      const said = [by, along, cause].filter((one) => one !== undefined).length
      const wrong = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
      if (said !== 1) wrong('by', 'say one of: by (labels), along: depends_on, or cause (matchers)')
      else if (cause === undefined && equal.length > 0) wrong('equal', 'is for rules with a cause; write `by` here')
      else if (cause !== undefined && match.length === 0)
        wrong('match', 'say which alerts are the effects of this cause')
      else if (cause !== undefined && equal.length === 0)
        wrong('equal', 'say which labels cause and effect share, or everything would be an effect of it')
    })
}
export type CorrelationRule = z.output<ReturnType<typeof correlationSchemaWith>>

/**
 * What is nobody's effect and nobody's cause at that moment: it has grown over days, or is a chore. Names as in
 * kubernetes-mixin, node-mixin and the rules of kube-prometheus and its exporters.
 */
const chores = [
  '.*(FillingUp|AlmostOutOf(Space|Files|Memory)|OutOfInodes|SpaceLow|PredictFull).*',
  '.*Clock(Skew|NotSynchronising|Drift).*',
  '.*(Certificate|Cert).*(Expiration|Expiring|ExpiresSoon|ExpiresIn|RenewalFail).*',
  'Kube(Job|CronJob).*',
  'KubeHpa.*',
  'Kube(CPU|Memory)(Quota)?Overcommit|KubeQuota.*|CPUThrottlingHigh|KubeVersionMismatch',
  'NodeRAID.*|NodeTextFileCollectorScrapeError|NodeBondingDegraded|SmartDisk.*',
  'Prometheus(Bad|Config|Duplicate|Error|KubernetesList|Label|High|Missing|Not|Operator|Out|Remote|Rule|ScrapeBody|TSDB).*|Alertmanager.*|ConfigReloader.*|ThanosCompact.*|Watchdog|InfoInhibitor',
  '.*Backup.*|.*(Update|Upgrade|Patch)(Available|Needed|Required|Pending).*|.*LicenseExpir.*',
].join('|')

/** A machine that is gone. */
const hostLost =
  'KubeNode(NotReady|Unreachable|ReadinessFlapping)|KubeletDown|(Host|Node|Machine|Server)(Is)?(Down|Unreachable|Lost|Offline)|HostOutOfService'
/** What a machine that is gone takes with it, as Kubernetes says it. */
const workloadHurt =
  'KubePod(NotReady|CrashLooping)|Kube(Deployment|StatefulSet|DaemonSet)(Replicas|Generation|Rollout|Not|Mis).*|KubeContainerWaiting|TargetDown'

/** What Uxbridge joins with no policy of the house. */
export const builtInCorrelation = [
  {
    name: 'effects of a lost zone',
    cause: [`alertname=~"${hostLost}"`],
    match: [`alertname!~"${chores}"`, 'zone!=""'],
    equal: ['cluster', 'zone'],
    window: '10m',
    cap: '1h',
  },
  {
    name: 'effects of lost nodes',
    cause: [`alertname=~"${hostLost}"`, 'node!=""'],
    match: [`alertname=~"${workloadHurt}"`],
    equal: ['cluster'],
    window: '10m',
    cap: '1h',
  },
  { name: 'along dependencies', match: [`alertname!~"${chores}"`], along: 'depends_on' as const },
  {
    name: 'hosts lost together',
    match: [`alertname=~"${hostLost}"`, 'zone!=""'],
    by: ['cluster', 'zone'],
    window: '5m',
    cap: '1h',
  },
  {
    name: 'nodes lost together',
    match: [`alertname=~"${hostLost}"`, 'node!=""'],
    by: ['cluster'],
    window: '5m',
    cap: '1h',
  },
  { name: 'same service', by: ['service'] },
  { name: 'same host', by: ['cluster', 'host'] },
  { name: 'same machine', by: ['host'] },
  { name: 'same place', by: ['cluster', 'namespace', 'job'] },
  { name: 'same job', by: ['job'] },
  { name: 'same vendor group', by: ['group'] },
  { name: 'same alert', by: ['alertname'] },
]
