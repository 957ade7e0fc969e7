import type { Effect } from './port.ts'

type Open = Extract<Effect, { type: 'open' }>

interface Draft {
  open: (Omit<Open, 'alerts'> & { alerts: string[] }) | null
  attach: { rule: string; material: string | null; alerts: string[] } | null
  refire: Set<string>
  resolve: Set<string>
}

/**
 * Gathers what one entry asks of incidents, so that there is at most one effect of each type per incident. The order is
 * open, attach, refire, resolve; an alert that ended and fired again within the entry stands under refire only.
 */
export class Drafts {
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

  effects(): Effect[] {
    const effects: Effect[] = []
    for (const [incidentId, { open, attach, refire, resolve }] of this.#byIncident) {
      if (open !== null) effects.push(open)
      if (attach !== null) effects.push({ type: 'attach', incidentId, ...attach })
      if (refire.size > 0) effects.push({ type: 'refire', incidentId, alerts: [...refire] })
      if (resolve.size > 0) effects.push({ type: 'resolve', incidentId, alerts: [...resolve] })
    }
    return effects
  }
}
