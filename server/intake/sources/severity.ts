import type { Severity } from '#shared/event.ts'

const words: Readonly<Record<Severity, readonly string[]>> = {
  critical: ['critical', 'crit', 'fatal', 'emergency', 'emerg', 'disaster', 'page', 'p1', 'sev0'],
  high: ['high', 'error', 'err', 'major', 'p2', 'sev1'],
  medium: ['medium', 'warning', 'warn', 'moderate', 'average', 'unknown', 'p3', 'sev2'],
  low: ['low', 'notice', 'minor', 'ticket', 'p4', 'sev3'],
  info: ['info', 'informational', 'information', 'none', 'ok', 'debug', 'p5', 'sev4'],
}

const bySender = new Map<string, Severity>()
for (const [severity, list] of Object.entries(words) as [Severity, readonly string[]][])
  for (const word of list) bySender.set(word, severity)

/** Ours for a sender's word, in any case. A word we do not know, and none at all, count as medium. */
export function severityOf(raw: string): Severity {
  return bySender.get(raw) ?? bySender.get(raw.toLowerCase()) ?? 'medium'
}
