/** What a push brings, as `shared/notify/channels.ts` has it; read by hand, because a worker is a file of its own. */
export interface Pushed {
  title: string
  body: string
  /** The page to open, absolute or a path. */
  link: string
  tag: string
  /** Epoch ms at which it was decided that it be sent. */
  at: number
  urgent: boolean
  actions: readonly { label: string; url: string }[]
}

/** Reads it; what cannot be read still becomes a notice, because a push that shows nothing is one that nobody heard. */
export function readPushed(text: string | null): Pushed {
  const raw = parse(text)
  const { title, body, link, tag, at, urgent, actions } = raw
  return {
    title: words(title) ?? 'Uxbridge',
    body: words(body) ?? 'Something needs you. Open Uxbridge to see what.',
    link: words(link) ?? '/mine',
    tag: words(tag) ?? 'uxbridge',
    at: typeof at === 'number' ? at : 0,
    urgent: urgent === true,
    actions: Array.isArray(actions) ? actions.flatMap(readAction) : [],
  }
}

function parse(text: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

const words = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

function readAction(raw: unknown): { label: string; url: string }[] {
  if (typeof raw !== 'object' || raw === null) return []
  const { label, url } = raw as Record<string, unknown>
  return typeof label === 'string' && typeof url === 'string' ? [{ label, url }] : []
}

/** What `showNotification` takes; some of it is not in every browser, which then leaves it out. */
export interface Notice {
  body: string
  tag: string
  renotify: boolean
  requireInteraction: boolean
  timestamp: number
  icon: string
  badge: string
  data: { link: string; actions: Record<string, string> }
  actions: { action: string; title: string }[]
}

export function noticeOf(pushed: Pushed): Notice {
  const { body, tag, at, urgent, link, actions } = pushed
  return {
    body,
    tag,
    // The newest of an incident stands in the place of the older one, and is heard again.
    renotify: true,
    requireInteraction: urgent,
    timestamp: at,
    icon: '/icon-192.png',
    badge: '/badge-96.png',
    data: { link, actions: Object.fromEntries(actions.map(({ label, url }) => [label, url])) },
    actions: actions.map(({ label }) => ({ action: label, title: label })),
  }
}

/**
 * Where a press on a notice leads: to the page of the action, which asks before it acts, or to the incident.
 * Rule W4: only to our own pages, whatever the push said.
 */
export function targetOf(data: unknown, action: string, origin: string): string {
  const { link, actions } = (typeof data === 'object' && data !== null ? data : {}) as Partial<Notice['data']>
  const wanted = (action !== '' ? actions?.[action] : undefined) ?? link ?? '/mine'
  if (!URL.canParse(wanted, origin)) return `${origin}/mine`
  const url = new URL(wanted, origin)
  return url.origin === origin ? url.href : `${origin}/mine`
}
