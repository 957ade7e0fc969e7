import { createStore, type StoreApi } from 'zustand/vanilla'
import { isOpen } from '#shared/incident/state.ts'
import type { Notice, Summary } from '#shared/wire.ts'
import type { ActionType } from './actions.ts'

/** Something said to the person at this screen. */
export interface Said {
  id: string
  tone: 'done' | 'refused' | 'news' | 'alert'
  text: string
  incidentId: string | null
  /** What can be done about it, one tap away. */
  offers: readonly ActionType[]
  /** Path of a screen that shows it by itself: there it is only spoken. */
  shownAt?: string
  at: number
}

export interface Announcements {
  said: readonly Said[]
  /** For screen readers: one polite region, batched; and the few things that may interrupt. */
  polite: string
  assertive: string
}

export interface Announcer {
  store: StoreApi<Announcements>
  say(said: Omit<Said, 'id' | 'at'>): void
  dismiss(id: string): void
  /** Nothing that was said of this incident may stay. */
  forget(incidentId: string): void
  /** What a change of the board means to this person. */
  changed(
    before: ReadonlyMap<string, Summary>,
    after: ReadonlyMap<string, Summary>,
    notices: readonly Notice[],
    me: string,
    commander: boolean,
  ): void
}

const politeEveryMs = 4_000
const shownMs = 9_000
const most = 4

/** So many merges at once are named one by one. */
const mostMerges = 2

function mergesWords(merged: readonly Notice[]): string {
  const into = new Set(merged.map(({ incidentId }) => incidentId))
  const [only] = into
  return into.size === 1
    ? `${merged.length} incidents were merged into ${only}.`
    : `${merged.length} incidents were merged into ${into.size} others.`
}

/**
 * Rule N1: one polite region with batched summaries; only a new Tier 1, a hand-off to me and a legal clock that passed interrupt. Ages that tick
 * are never announced.
 */
export function makeAnnouncer(clock: { now(): number; after(ms: number, then: () => void): () => void }): Announcer {
  const store = createStore<Announcements>(() => ({ said: [], polite: '', assertive: '' }))
  let batch: string[] = []
  let waiting = false
  let made = 0

  function dismiss(id: string): void {
    store.setState((state) => ({ said: state.said.filter((one) => one.id !== id) }))
  }

  function say(said: Omit<Said, 'id' | 'at'>): void {
    const id = `s${++made}`
    store.setState((state) => ({ said: [...state.said.slice(1 - most), { ...said, id, at: clock.now() }] }))
    if (said.tone === 'alert') store.setState({ assertive: said.text })
    else polite(said.text)
    // A refusal stays until it was read; what has worked goes by itself.
    if (said.tone === 'done' || said.tone === 'news') clock.after(shownMs, () => dismiss(id))
  }

  function polite(text: string): void {
    batch.push(text)
    if (waiting) return
    waiting = true
    clock.after(batch.length === 1 ? 150 : politeEveryMs, () => {
      waiting = false
      store.setState({ polite: batch.length > 5 ? `${batch.length} changes on the board` : batch.join(' ') })
      batch = []
    })
  }

  return {
    store,
    say,
    dismiss,
    forget(incidentId) {
      const isOfIt = (text: string) => text.split(/[^\w-]+/).includes(incidentId)
      batch = batch.filter((text) => !isOfIt(text))
      store.setState(({ said, polite, assertive }) => ({
        said: said.filter((one) => one.incidentId !== incidentId && !isOfIt(one.text)),
        polite: isOfIt(polite) ? '' : polite,
        assertive: isOfIt(assertive) ? '' : assertive,
      }))
    },
    changed(before, after, notices, me, commander) {
      const merged = notices.filter(({ kind, by }) => kind === 'merged' && by !== me)
      if (merged.length > mostMerges)
        // A storm that becomes one incident is one piece of news.
        say({ tone: 'news', text: mergesWords(merged), incidentId: merged[0]?.incidentId ?? null, offers: [] })
      else for (const { text, incidentId } of merged) say({ tone: 'news', text, incidentId, offers: [] })
      for (const notice of notices) {
        if (notice.kind === 'merged') continue
        const alert = notice.kind === 'tier-1-opened'
        // The rest concerns commanders and whoever owns it; to others it would be noise.
        if (!alert && !commander && after.get(notice.incidentId)?.owner?.id !== me) continue
        say({ tone: alert ? 'alert' : 'news', text: notice.text, incidentId: notice.incidentId, offers: [] })
      }
      let opened = 0
      for (const [id, summary] of after) {
        const old = before.get(id)
        if (old === summary) continue
        if (old === undefined && isOpen(summary.phase)) opened++
        for (const { role, offer, holder } of summary.roles ?? []) {
          const was = old?.roles?.find((one) => one.role === role)?.offer
          if (offer === null || !offer.eligible.includes(me) || was?.revision === offer.revision) continue
          const text = `${holder?.name ?? 'Somebody'} offers you to be ${role} of ${id}: ${summary.title}`
          say({ tone: 'alert', text, incidentId: id, offers: [], shownAt: '/mine' })
        }
        const mine = summary.offer?.eligible.includes(me) === true
        if (mine && old?.offer?.revision !== summary.offer?.revision) {
          const from = summary.owner === null ? 'You are offered' : `${summary.owner.name} offers you`
          say({
            tone: 'alert',
            text: `${from} ${id}: ${summary.title}`,
            incidentId: id,
            offers: ['accept', 'decline'],
            shownAt: '/mine',
          })
        }
        for (const { clock, deadline, name, breached } of summary.clocks?.next ?? []) {
          const was = old?.clocks?.next.find((one) => one.clock === clock && one.deadline === deadline)
          if (!breached || was?.breached !== false) continue
          const text = `${summary.drill ? 'DRILL: ' : ''}${name} has passed on ${id}: ${deadline} is not recorded as submitted.`
          say({ tone: 'alert', text, incidentId: id, offers: [] })
        }
        if (old?.owner?.id === me && summary.owner !== null && summary.owner.id !== me)
          say({ tone: 'news', text: `${summary.owner.name} owns ${id} now.`, incidentId: id, offers: [] })
      }
      if (opened > 0) polite(opened === 1 ? 'One new incident.' : `${opened} new incidents.`)
    },
  }
}
