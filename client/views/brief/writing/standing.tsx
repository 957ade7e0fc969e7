import { differences } from '#shared/brief/differences.ts'
import { briefOf, type Draft } from '#shared/brief/draft.ts'
import { keptAt } from '#shared/brief/prefill.ts'
import type { IncidentView } from '#shared/wire.ts'
import { utcMinute } from '../../../state/time-words.ts'
import { useMe } from '../../context.ts'
import { asBrief } from '../../incident/parts.tsx'
import { Changes } from '../changes.tsx'
import css from './brief.module.css'
import type { DraftStatus } from './session.ts'

/** Who else writes, whether it is safe, and what differs from the brief that was kept last. */
export function Standing({
  view,
  draft,
  status,
  nameOf,
}: {
  view: IncidentView
  draft: Draft
  status: DraftStatus
  nameOf: (id: string) => string
}) {
  const me = useMe()
  const pages = status.people.filter(({ key }) => key !== status.me)
  const others = [...new Set(pages.filter(({ id }) => id !== me.id).map(({ name }) => name))]
  const elsewhere = pages.some(({ id }) => id === me.id) ? ', also in another window' : ''
  const at = keptAt(view.facts)
  const changes = at === null || view.brief === null ? [] : differences(asBrief(view.brief), briefOf(draft), nameOf)
  return (
    <div className={css.standing}>
      <span role="status" className={status.state === 'waiting' || status.state === 'refused' ? 'soon' : 'dim'}>
        {savedWords(status)}
      </span>
      <span className={others.length > 0 ? css.with : 'dim'} aria-live="polite">
        {others.length === 0
          ? `Only you write${elsewhere}`
          : `${others.join(', ')} ${others.length === 1 ? 'writes' : 'write'} with you${elsewhere}`}
      </span>
      {at === null ? (
        <span className="dim">No brief was kept yet</span>
      ) : changes.length === 0 ? (
        <span className="dim">Reads as the brief of {utcMinute(at)} UTC</span>
      ) : (
        <details className={css.changes}>
          <summary>
            {changes.length === 1 ? '1 difference' : `${changes.length} differences`} from the brief of {utcMinute(at)}{' '}
            UTC
          </summary>
          <Changes changes={changes} />
        </details>
      )}
    </div>
  )
}

function savedWords({ state, unsent, error }: DraftStatus): string {
  if (state === 'refused') return `Not taken: ${error?.message ?? 'the server refused it'}`
  if (state === 'waiting')
    return unsent ? 'Offline: what you type waits here and is merged later' : 'Waiting for the server'
  if (state === 'opening') return 'Opening…'
  return unsent ? 'Saving…' : 'Everything is saved'
}
