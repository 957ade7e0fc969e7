/** A kind of rule that can be added to a policy. */
export interface RuleKind {
  /** Where its list stands. */
  key: string
  title: string
  meaning: string
  /** What the first new one is called. */
  name: string
  /** One item of the list, with comments; `NAME` stands for its name. */
  template: string
}

/** THE list of what the editor adds, in the order in which an alert meets them. */
export const ruleKinds: readonly RuleKind[] = [
  {
    key: 'filters.redact',
    title: 'Redact',
    meaning: 'what is masked before anything is kept',
    name: 'new mask',
    template: `# What a regular expression (RE2) finds in free text is masked, and in these labels replaced by a token.
- name: NAME
  pattern: 'customer-[0-9]+'
  labels: []
`,
  },
  {
    key: 'filters.maintenance',
    title: 'Maintenance',
    meaning: 'what is held back at times that are known beforehand',
    name: 'new window',
    template: `# Held back from the start on for so long, again and again (iCalendar RRULE), in local time.
- name: NAME
  match: ['service="change-me"']
  reason: say why, it is shown wherever it holds something back
  recurs:
    rrule: FREQ=WEEKLY;BYDAY=SU
    starts: 2026-01-04T02:00
    lasts: 2h
    time_zone: UTC
`,
  },
  {
    key: 'filters.inhibit',
    title: 'Inhibit',
    meaning: 'what is held back as the effect of a cause that fires',
    name: 'new inhibition',
    template: `# While an alert of source fires, those of target with the same equal labels are held back.
- name: NAME
  source: ['alertname="ChangeMe"']
  target: ['severity=~"medium|low"']
  equal: [cluster]
`,
  },
  {
    key: 'filters.damp',
    title: 'Damp',
    meaning: 'what is held back while it flaps',
    name: 'new damping',
    template: `# Each time it fires again counts 1, and is forgotten by halves: held back from suppress on, judged again at reuse.
- name: NAME
  match: ['alertname="ChangeMe"']
  suppress: 3
  reuse: 1
  half_life: 15m
  longest: 1h
`,
  },
  {
    key: 'filters.shed',
    title: 'Shed',
    meaning: 'what is counted in one alert in a storm',
    name: 'new shedding',
    template: `# From so many new alerts of one source on, the first of each kind is heard and the others are counted.
- name: NAME
  match: ['severity!=""']
  more_than: 100
  within: 1m
`,
  },
  {
    key: 'services',
    title: 'Services',
    meaning: 'whose alerts these are',
    name: 'new-service',
    template: `# Without match: alerts with the label service=<id>. restricted: true, where its incidents are not for everybody.
- id: NAME
  match: ['namespace="change-me"']
  runbook: https://runbooks.example/change-me
`,
  },
  {
    key: 'definitions',
    title: 'Definitions',
    meaning: 'what is an incident; the first that matches decides',
    name: 'new definition',
    template: `# The first that matches decides, so its place matters. as: 1, 2, 3, triage (a person decides) or record (no incident).
# restricted: true, where what it opens is only for commanders, its on-call and whoever has a part in it.
- name: NAME
  match: ['alertname="ChangeMe"', 'severity=~"critical|high"']
  as: triage
`,
  },
  {
    key: 'correlate',
    title: 'Correlate',
    meaning: 'what belongs together; the first whose labels are there decides',
    name: 'new grouping',
    template: `# Alerts with the same values of these labels are one incident while they keep coming within window.
- name: NAME
  match: ['job="change-me"']
  by: [cluster, namespace]
  window: 15m
  cap: 4h
`,
  },
]
