import type { Effect } from './port.ts'

type Open = Extract<Effect, { type: 'open' }>

interface Draft {
  open: (Omit<Open, 'alerts'> & { alerts: string[] }) | null
  attach: { rule: string; material: string | null; alerts: string[] } | null
  refire: Set<string>
  resolve: Set<string>
}

/**
 * Gathers what one entry asks of incidents, so that there are few effects. The order for each incident is open, attach,
 * refire, resolve; an alert that ended and fired again within the entry stands under refire only. What was asked of
 * incidents before they are merged comes before the merge.
 */
export class Drafts {
  readonly #done: Effect[] = []
  /** How many merges the entry has led to. */
  merges = 0
  readonly #byIncident = new Map<string, Draft>()

  #of(incidentId: string): Draft {
    let draft = this.#byIncident.get(incidentId)
    if (draft === undefined) {
      draft = { open: null, attach: null, refire: new Set(), resolve: new Set() }
      this.#byIncident.set(incidentId, draft)
    }
    return draft
  }

  open(effect: Omit<Open, 'type' | 'alerts'>, alertId: string): void {
    this.#of(effect.incidentId).open = { type: 'open', ...effect, alerts: [alertId] }
  }

  attach(incidentId: string, alertId: string, rule: string, material: string | null): void {
    const draft = this.#of(incidentId)
    draft.resolve.delete(alertId)
    // It joins an incident that this very entry opens: that incident opens with both.
    if (draft.open !== null) draft.open.alerts.push(alertId)
    else if (draft.attach === null) draft.attach = { rule, material, alerts: [alertId] }
    else {
      draft.attach.alerts.push(alertId)
      draft.attach.material ??= material
    }
  }

  refire(incidentId: string, alertId: string): void {
    const draft = this.#of(incidentId)
    draft.resolve.delete(alertId)
    draft.refire.add(alertId)
  }

  resolve(incidentId: string, alertId: string): void {
    this.#of(incidentId).resolve.add(alertId)
  }

  merge(effect: Omit<Extract<Effect, { type: 'merge' }>, 'type'>): void {
    this.merges++
    this.#settle(effect.incidentId)
    this.#settle(effect.into)
    this.#done.push({ type: 'merge', ...effect })
  }

  identify(effect: Omit<Extract<Effect, { type: 'identify' }>, 'type'>): void {
    this.#settle(effect.incidentId)
    this.#done.push({ type: 'identify', ...effect })
  }

  effects(): Effect[] {
    for (const incidentId of [...this.#byIncident.keys()]) this.#settle(incidentId)
    return this.#done
  }

  #settle(incidentId: string): void {
    const draft = this.#byIncident.get(incidentId)
    if (draft === undefined) return
    this.#byIncident.delete(incidentId)
    const { open, attach, refire, resolve } = draft
    if (open !== null) this.#done.push(open)
    if (attach !== null) this.#done.push({ type: 'attach', incidentId, ...attach })
    if (refire.size > 0) this.#done.push({ type: 'refire', incidentId, alerts: [...refire] })
    if (resolve.size > 0) this.#done.push({ type: 'resolve', incidentId, alerts: [...resolve] })
  }
}
