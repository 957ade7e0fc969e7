import { stringify } from 'yaml'
import type { InhibitRule } from '#shared/alertmanager/inhibit.ts'
import type { Route } from '#shared/alertmanager/routes.ts'
import { type NamedIntervals, writtenInterval } from '#shared/alertmanager/time-intervals.ts'
import { formatMatcher, type Matcher } from '#shared/matchers.ts'
import type { Policy } from '#shared/policy.ts'

/** What clients show as the configuration: what is true of us, as `amtool config show` and `config routes` read it. */
export function configText(
  { route, receivers, inhibit_rules, time_intervals, mute_time_intervals }: Policy,
  version: string,
): string {
  const written = stringify({
    route: routeOf(route),
    receivers: receivers.map(({ name, labels }) => (Object.keys(labels).length === 0 ? { name } : { name, labels })),
    ...(time_intervals.length === 0 ? {} : { time_intervals: time_intervals.map(timesOf) }),
    ...(mute_time_intervals.length === 0 ? {} : { mute_time_intervals: mute_time_intervals.map(timesOf) }),
    ...(inhibit_rules.length === 0 ? {} : { inhibit_rules: inhibit_rules.map(inhibitRuleOf) }),
  })
  return `# Uxbridge ${version}. These are the routes of its policy; they group alerts here, and notify nobody.\n${written}`
}

function routeOf({ matchers, routes, continue: continues, ...rest }: Route): object {
  return {
    ...rest,
    ...(matchers === undefined ? {} : { matchers: matchers.flat().map(matcherText) }),
    ...(continues ? { continue: true } : {}),
    ...(routes === undefined || routes.length === 0 ? {} : { routes: routes.map(routeOf) }),
  }
}

function timesOf({ name, time_intervals }: NamedIntervals): object {
  return { name, time_intervals: time_intervals.map(writtenInterval) }
}

function inhibitRuleOf({ source, target, equal }: InhibitRule): object {
  return {
    source_matchers: source.map(matcherText),
    target_matchers: target.map(matcherText),
    ...(equal.length === 0 ? {} : { equal }),
  }
}

/** Names of the old rule as they are, any other in quotes. */
function matcherText(matcher: Matcher): string {
  if (/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(matcher.name)) return formatMatcher(matcher)
  return `${JSON.stringify(matcher.name)}${formatMatcher({ ...matcher, name: '' })}`
}
