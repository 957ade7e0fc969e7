import { useStore } from 'zustand'
import type { IncidentView } from '#shared/wire.ts'
import { actionsFor } from '../../../state/actions.ts'
import { Button } from '../../../widgets/controls/button.tsx'
import { useApp, useMe } from '../../context.ts'
import css from './evidence.module.css'
import { Row } from './row.tsx'
import { useBegin, useFilesFromOutside } from './staged.ts'

/** What shows what happened: files, links, requests of alerts. Those that were withdrawn stay below. */
export function Evidence({ view }: { view: IncidentView }) {
  const { summary, evidence } = view
  const me = useMe()
  const begin = useBegin(summary.id)
  const mayAdd = actionsFor(summary, me).some(({ type }) => type === 'add-evidence')
  // An open dialog takes files itself, or wants none.
  const free = useStore(useApp().act.store, ({ doing }) => doing === null)
  const over = useFilesFromOutside(mayAdd && free ? begin : null)
  const listed = evidence.toSorted((a, b) => Number(a.withdrawn !== null) - Number(b.withdrawn !== null) || b.id - a.id)
  return (
    <div className={over ? css.overPage : undefined}>
      {over && (
        <p className={css.overWords} aria-hidden="true">
          Let go to add it as evidence
        </p>
      )}
      {evidence.length === 0 && (
        <p className="dim">
          None. Screenshots, logs and links that show what happened go here
          {mayAdd ? ': drop or paste them anywhere' : ''}.
        </p>
      )}
      {evidence.length > 0 && (
        <ul className={css.list}>
          {listed.map((one) => (
            <Row key={one.id} one={one} summary={summary} />
          ))}
        </ul>
      )}
      {mayAdd && (
        <Button kind="quiet" shortcut="v" onClick={() => begin([])}>
          Add evidence…
        </Button>
      )}
    </div>
  )
}
