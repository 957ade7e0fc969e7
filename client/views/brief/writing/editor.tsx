import { type ReactNode, useMemo, useState } from 'react'
import { type Draft, type DraftRow, rowsThatCount } from '#shared/brief/draft.ts'
import { suggestionsFor } from '#shared/brief/prefill.ts'
import type { Tier } from '#shared/incident/state.ts'
import type { IncidentView, PersonView } from '#shared/wire.ts'
import { Button } from '../../../widgets/controls/button.tsx'
import controls from '../../../widgets/controls/controls.module.css'
import { SelectField } from '../../../widgets/controls/field.tsx'
import { responders } from '../../acts/use-act.ts'
import { useMe, useNow } from '../../context.ts'
import css from './brief.module.css'
import { choose, chooseHead, textOf } from './document.ts'
import { Rows } from './rows.tsx'
import type { DraftSession, DraftStatus } from './session.ts'
import { SharedText } from './shared-text.tsx'
import { Standing } from './standing.tsx'
import { Suggestions } from './suggestions.tsx'

/** Every part of a brief on one screen, written by whoever is here. A Tier 3 hand-off begins with the two that it needs. */
export function BriefEditor({
  session,
  draft,
  status,
  view,
  tier,
  people,
  nameOf,
  lead,
}: {
  session: DraftSession
  draft: Draft
  status: DraftStatus
  /** What is asked before the brief, such as whom it is for. */
  lead?: ReactNode
  view: IncidentView
  tier: Tier | null
  people: readonly PersonView[]
  nameOf: (id: string) => string
}) {
  const { doc } = session
  const minute = Math.floor(useNow() / 60_000)
  const suggestions = useMemo(() => suggestionsFor(draft, view, minute * 60_000 + 59_999), [draft, view, minute])
  const others = status.people.filter(({ key }) => key !== status.me)
  const [whole, setWhole] = useState(tier !== 3)
  const shared = { session, draft, people: others }
  const rest = ['done', 'ruledOut', 'hypotheses', 'contingencies', 'promises'] as const
  const hidden = rest.reduce((sum, list) => sum + rowsThatCount(draft.rows[list]).length, 0)

  const situation = (
    <div className={css.top}>
      <SharedText
        {...shared}
        people={others}
        text={textOf(doc, 'situation')}
        field="situation"
        label="Situation and impact now"
        showLabel
        value={draft.texts.situation}
        limit={280}
        rows={2}
      />
      <div className={css.pair}>
        <SelectField
          label="Trend"
          value={draft.trend}
          onChange={(event) => chooseHead(doc, 'trend', event.target.value)}
        >
          <option value="worse">getting worse</option>
          <option value="steady">steady</option>
          <option value="better">getting better</option>
          <option value="unknown">unknown</option>
        </SelectField>
        <SelectField
          label="How sure"
          value={draft.confidence}
          onChange={(event) => chooseHead(doc, 'confidence', event.target.value)}
        >
          <option>unsure</option>
          <option>fairly sure</option>
          <option>sure</option>
        </SelectField>
      </div>
    </div>
  )
  const actions = (
    <Rows
      {...shared}
      list="actions"
      labels={{ text: 'Action' }}
      hint="What is to be done next, and by whom."
      more={(row) => <ActionParts session={session} row={row} people={people} />}
    />
  )

  return (
    <div className={css.editor}>
      <div className={css.lead}>
        {lead}
        <Standing view={view} draft={draft} status={status} nameOf={nameOf} />
      </div>
      <Suggestions {...shared} suggestions={suggestions} kept={view.brief !== null} nameOf={nameOf} />
      {!whole ? (
        <>
          {situation}
          {actions}
          <p>
            <Button kind="quiet" onClick={() => setWhole(true)}>
              More{hidden > 0 ? ` (${hidden} written)` : ''}: known, ruled out, suspected, if-then, promised…
            </Button>
          </p>
        </>
      ) : (
        <>
          {situation}
          <div className={css.columns}>
            <div>
              {actions}
              <Rows
                {...shared}
                list="contingencies"
                labels={{ if: 'If', do: 'then' }}
                hint="What to do if it goes otherwise."
              >
                {tier !== 3 && rowsThatCount(draft.rows.contingencies).length === 0 && (
                  <SharedText
                    session={session}
                    people={others}
                    text={textOf(doc, 'noContingencyBecause')}
                    field="noContingencyBecause"
                    label="…or why there is none"
                    placeholder="…or why there is none"
                    value={draft.texts.noContingencyBecause}
                    limit={140}
                  />
                )}
              </Rows>
              <Rows
                {...shared}
                list="promises"
                labels={{ text: 'Promise' }}
                hint="Next update, to whom, running clocks."
              />
            </div>
            <div>
              <Rows {...shared} list="done" labels={{ text: 'Known' }} hint="What is known, what was done." />
              <Rows {...shared} list="ruledOut" labels={{ text: 'Ruled out' }} hint="What it is not." />
              <Rows
                {...shared}
                list="hypotheses"
                labels={{ text: 'Cause' }}
                hint="What it may be, and how sure that is."
                more={(row) => (
                  <select
                    className={`${controls.input} ${css.small}`}
                    aria-label="How sure"
                    value={String(row.values.confidence)}
                    onChange={(event) => choose(doc, 'hypotheses', row.id, 'confidence', event.target.value)}
                  >
                    <option>unsure</option>
                    <option>fairly sure</option>
                    <option>sure</option>
                  </select>
                )}
              />
              <SharedText
                session={session}
                people={others}
                text={textOf(doc, 'constraints')}
                field="constraints"
                label="Constraints, do not touch"
                showLabel
                value={draft.texts.constraints}
                limit={280}
              />
            </div>
          </div>
        </>
      )}
    </div>
  )
}

const final = ', irreversible'

/** Who does it, by when, and whether it can be taken back. */
function ActionParts({
  session,
  row,
  people,
}: {
  session: DraftSession
  row: DraftRow
  people: readonly PersonView[]
}) {
  const me = useMe()
  const set = (name: string, value: string | boolean | null) => choose(session.doc, 'actions', row.id, name, value)
  const owner = row.values.owner
  const who = responders(people, [])
  const dueAt = typeof row.values.dueAt === 'string' ? row.values.dueAt : null
  return (
    <span className={css.parts}>
      <select
        className={`${controls.input} ${css.small}`}
        aria-label="Who does it"
        value={typeof owner === 'string' ? owner : ''}
        onChange={(event) => set('owner', event.target.value === '' ? null : event.target.value)}
      >
        <option value="">whoever takes it</option>
        {typeof owner === 'string' && !who.some(({ id }) => id === owner) && (
          <option value={owner}>somebody else</option>
        )}
        {who.map(({ id, name }) => (
          <option key={id} value={id}>
            {id === me.id ? `${name} (you)` : name}
          </option>
        ))}
      </select>
      <select
        className={`${controls.input} ${css.small}`}
        aria-label="State"
        value={`${row.values.state}${row.values.irreversible === true ? final : ''}`}
        onChange={({ target: { value } }) => {
          set('state', value.replace(final, ''))
          set('irreversible', value.endsWith(final))
        }}
      >
        {['open', 'in flight', 'done'].map((state) => (
          <option key={state}>{state}</option>
        ))}
        {['open', 'in flight', 'done'].map((state) => (
          <option key={state}>{state + final}</option>
        ))}
      </select>
      {dueAt !== null && (
        <span className="dim" title={dueAt}>
          by {dueAt.slice(11, 16)}
        </span>
      )}
    </span>
  )
}
