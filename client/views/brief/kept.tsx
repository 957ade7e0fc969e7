import { useState } from 'react'
import { z } from 'zod'
import { briefText, differences } from '#shared/brief/differences.ts'
import { type KeptBrief, keptBriefSchema } from '#shared/brief/kept.ts'
import { bothClocks, utcMinute } from '../../state/time-words.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { CopyBlock } from '../../widgets/controls/copy.tsx'
import { Buttons, Dialog } from '../../widgets/controls/dialog.tsx'
import { Loading, Refused } from '../conditions/conditions.tsx'
import { useAsked } from '../context.ts'
import { BriefBlock, useNames } from './block.tsx'
import { Changes } from './changes.tsx'
import css from './kept.module.css'

const answerSchema = z.object({ briefs: z.array(keptBriefSchema) })

/**
 * Every brief of an incident, each with what was read back of it, and what had changed since the one before.
 * @param hop the stretch of the chain that was pointed at; its brief is open at first
 */
export function KeptBriefs({
  incidentId,
  hop,
  onClose,
}: {
  incidentId: string
  hop: number | null
  onClose: () => void
}) {
  const { value, error } = useAsked(`/api/incidents/${encodeURIComponent(incidentId)}/briefs`, answerSchema)
  return (
    <Dialog open wide="whole" onClose={onClose} title={`Briefs of ${incidentId}`}>
      {value === null ? (
        error === null ? (
          <Loading what="the briefs" />
        ) : (
          <Refused error={error} />
        )
      ) : value.briefs.length === 0 ? (
        <p className="dim">None was kept yet. A hand-off keeps the brief that went with it.</p>
      ) : (
        <Kept briefs={value.briefs} hop={hop} incidentId={incidentId} />
      )}
    </Dialog>
  )
}

function Kept({ briefs, hop, incidentId }: { briefs: readonly KeptBrief[]; hop: number | null; incidentId: string }) {
  const ofHop = hop === null ? -1 : briefs.findIndex(({ accepted }) => accepted?.hop === hop)
  const [chosen, setChosen] = useState<number | null>(null)
  const at = chosen ?? (ofHop === -1 ? briefs.length - 1 : ofHop)
  const one = briefs[at]
  const before = at > 0 ? (briefs[at - 1] ?? null) : null
  const nameOf = useNames(
    briefs.flatMap(({ brief }) => brief.actions.flatMap(({ owner }) => owner ?? [])),
    (id) => id,
  )
  if (one === undefined) return null
  const changes = before === null ? [] : differences(before.brief, one.brief, nameOf)
  return (
    <div className={css.kept}>
      {hop !== null && ofHop === -1 && chosen === null && (
        <p className="dim">No brief went with that hop: it did not begin with an offer. This is the newest one.</p>
      )}
      <ol className={css.list} aria-label="Briefs, newest first">
        {briefs
          .map((kept, index) => ({ kept, index }))
          .toReversed()
          .map(({ kept, index }) => (
            <li key={kept.seq}>
              <button type="button" aria-pressed={index === at} onClick={() => setChosen(index)}>
                <b>{utcMinute(Date.parse(kept.at))}</b> {kept.by.name}
                <span className="dim"> {howWords(kept)}</span>
              </button>
            </li>
          ))}
      </ol>
      <article className={css.one} aria-label={`Brief of ${utcMinute(Date.parse(one.at))} UTC`}>
        <p className="dim">
          {one.by.name} {howWords(one)}, {bothClocks(Date.parse(one.at))}
        </p>
        <BriefBlock brief={one.brief} nameOf={nameOf} />
        {one.accepted !== null && (
          <p>
            <span className="dim">
              Read back by {one.accepted.by.name}, {utcMinute(Date.parse(one.accepted.at))} UTC:{' '}
            </span>
            <q>{one.accepted.readBack}</q>
          </p>
        )}
        {before !== null && (
          <section>
            <h3 className="caps">Since the brief of {utcMinute(Date.parse(before.at))} UTC</h3>
            {changes.length === 0 ? <p className="dim">Nothing was changed.</p> : <Changes changes={changes} />}
          </section>
        )}
        <details className={css.text}>
          <summary>As text</summary>
          <CopyBlock label="the brief as text" text={asText(one, incidentId, nameOf)} />
        </details>
        <Buttons>
          <Button onClick={() => window.print()}>Print</Button>
        </Buttons>
      </article>
    </div>
  )
}

function howWords({ how, to, accepted }: KeptBrief): string {
  if (how === 'revised') return 'wrote it'
  if (accepted !== null) return `handed it to ${accepted.by.name}`
  return `offered it to ${to?.name ?? 'somebody'}`
}

function asText(kept: KeptBrief, incidentId: string, nameOf: (id: string) => string): string {
  const { at, by, brief, accepted } = kept
  const head = `${incidentId}, brief of ${at.slice(0, 16).replace('T', ' ')} UTC by ${by.name} (${howWords(kept)})`
  const tail = accepted === null ? '' : `\n\nREAD BACK by ${accepted.by.name}\n${accepted.readBack}`
  return `${head}\n\n${briefText(brief, nameOf)}${tail}`
}
