import { useState } from 'react'
import type { AlertView, Summary } from '#shared/wire.ts'
import { plus } from '../../../state/fact-words.ts'
import { FormShell } from '../../../widgets/controls/act-form.tsx'
import { Dialog } from '../../../widgets/controls/dialog.tsx'
import { ReasonField, TextField } from '../../../widgets/controls/field.tsx'
import { Loading } from '../../conditions/conditions.tsx'
import { useApp, useIncident } from '../../context.ts'
import { Failure } from '../failure.tsx'
import { useDraft, useSend } from '../use-act.ts'
import { AlertPicker } from './alert-picker.tsx'
import { Follows } from './pair.tsx'
import { splitFollows, splitTitle } from './words.ts'

/** Some alerts of an incident become one of their own. */
export function SplitDialog({ summary }: { summary: Summary }) {
  const { act } = useApp()
  const { view } = useIncident(summary.id)
  return (
    <Dialog
      open
      wide
      onClose={act.end}
      title={`Split ${summary.id}`}
      lead="For two incidents that were taken for one. Choose the alerts of the other; the rest stays."
    >
      {view === null ? <Loading what="its alerts" /> : <SplitForm summary={summary} alerts={view.alerts} />}
    </Dialog>
  )
}

function SplitForm({ summary, alerts }: { summary: Summary; alerts: readonly AlertView[] }) {
  const { act } = useApp()
  const key = `split/${summary.id}`
  const [draft, setDraft] = useDraft(key, () => ({
    chosen: [] as readonly string[],
    /** Null: that of the first chosen alert. */
    title: null as string | null,
    reason: '',
  }))
  const { busy, error, send } = useSend(summary.id)
  // In the order of the moment it was opened: what changes meanwhile moves no row.
  const [order] = useState(() => new Map(sorted(alerts).map(({ id }, index) => [id, index])))
  const listed = alerts.toSorted((a, b) => (order.get(a.id) ?? order.size) - (order.get(b.id) ?? order.size))
  const byId = new Map(alerts.map((alert) => [alert.id, alert]))
  const chosen = draft.chosen.flatMap((id) => byId.get(id) ?? [])
  const firing = chosen.filter(({ status }) => status === 'firing').length
  const title = draft.title ?? splitTitle(chosen)
  const reason = draft.reason.trim()
  const all = chosen.length > 0 && chosen.length >= summary.alerts.total
  const button =
    chosen.length === 0
      ? 'Choose alerts'
      : all
        ? 'Leave at least one in it'
        : `Split off ${plus(chosen.length, 'alert')}`
  return (
    <FormShell
      button={button}
      disabled={busy || chosen.length === 0 || all || reason === '' || title.trim() === ''}
      trouble={<Failure error={error} summary={summary} />}
      onSubmit={() =>
        send(
          { type: 'split', alerts: chosen.map(({ id }) => id), title: title.trim(), reason },
          (facts) => {
            const born = facts.find(({ type }) => type === 'declared')?.incidentId ?? 'A new incident'
            return `${born} has ${plus(chosen.length, 'alert')} of ${summary.id}. Nobody owns it yet.`
          },
          key,
        )
      }
      onCancel={act.end}
    >
      <AlertPicker
        alerts={listed}
        chosen={chosen.map(({ id }) => id)}
        onChange={(next) => setDraft({ ...draft, chosen: next })}
      />
      {alerts.length < summary.alerts.total && (
        <p className="dim">
          The newest {alerts.length.toLocaleString('en-GB')} of {summary.alerts.total.toLocaleString('en-GB')} alerts
          are here.
        </p>
      )}
      <TextField
        label="Title of the new incident"
        value={title}
        maxLength={200}
        onChange={(event) => setDraft({ ...draft, title: event.target.value })}
      />
      <ReasonField
        hint="What shows that it is another incident; it stands in both timelines"
        value={draft.reason}
        onSay={(reason) => setDraft({ ...draft, reason })}
      />
      {chosen.length > 0 && !all && <Follows lines={splitFollows(summary, { firing, total: chosen.length })} />}
    </FormShell>
  )
}

/** Firing first, the newest of each first. */
function sorted(alerts: readonly AlertView[]): AlertView[] {
  return alerts.toSorted(
    (a, b) => Number(a.status === 'resolved') - Number(b.status === 'resolved') || (a.startsAt < b.startsAt ? 1 : -1),
  )
}
