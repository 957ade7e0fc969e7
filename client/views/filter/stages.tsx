import { memo, useEffect, useRef } from 'react'
import { Link } from 'wouter'
import { useStore } from 'zustand'
import { type RuleFigures, stageMeaning } from '#shared/filter-room.ts'
import { ageWords, bothClocks, figure } from '../../state/time-words.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { Sparkline } from '../../widgets/marks/marks.tsx'
import { useApp, useMe } from '../context.ts'
import { acts, outcomeWords, ruleKey, type StageView } from './figures.ts'
import css from './filter.module.css'

/** The stages in their order: how many events reach each, and what each of its rules decides. */
export function Stages({
  stages,
  at,
  searching,
  onOpen,
  onMore,
}: {
  stages: readonly StageView[]
  /** Key of the rule that is open. */
  at: string | null
  /** Stages without a rule that was found are left out. */
  searching: boolean
  onOpen: (rule: RuleFigures) => void
  onMore: (stage: string) => void
}) {
  const most = Math.max(1, stages[0]?.reached ?? 0)
  return (
    <ol className={css.stages} aria-label="Stages">
      {stages.map((stage, place) =>
        searching && stage.rules.length === 0 ? null : (
          <li key={stage.name} className={css.stage}>
            <StageHead stage={stage} place={place + 1} most={most} />
            {stage.rules.length > 0 && (
              <ul
                className={isOurs(stage) ? `${css.rules} ${css.chips}` : css.rules}
                aria-label={`Rules of ${stage.name}`}
              >
                {stage.rules.map((rule) => (
                  <RuleRow key={rule.rule} rule={rule} open={ruleKey(rule) === at} onOpen={onOpen} />
                ))}
              </ul>
            )}
            {stage.rules.length === 0 && stage.quiet === 0 && <NoRule stage={stage.name} />}
            {stage.quiet > 0 && (
              <Button kind="quiet" className={css.more} onClick={() => onMore(stage.name)}>
                {figure(stage.quiet)} quiet {stage.quiet === 1 ? 'rule' : 'rules'}
              </Button>
            )}
          </li>
        ),
      )}
    </ol>
  )
}

/** What every house has alike takes less room than what people have written. */
function isOurs({ rules, quiet }: StageView): boolean {
  return quiet === 0 && rules.every(({ origin }) => origin === 'built-in')
}

const policyStages = ['inhibit', 'damp', 'shed', 'define']

/** A stage that nobody has given a rule lets everything pass: said, so that nobody looks for what is not there. */
function NoRule({ stage }: { stage: string }) {
  const { actions } = useMe()
  if (stage === 'silence')
    return (
      <p className={css.noRule}>
        Nothing is silenced. {actions.includes('silence.manage') && <Link href="/silences?new=1">New silence</Link>}
      </p>
    )
  if (!policyStages.includes(stage)) return null
  return (
    <p className={css.noRule}>
      No rule in the policy. {actions.includes('policy.read') && <Link href="/filter/policy">Add one</Link>}
    </p>
  )
}

function StageHead({ stage, place, most }: { stage: StageView; place: number; most: number }) {
  const { name, reached, decided, again } = stage
  return (
    <div className={css.stageHead}>
      <span className={css.place} aria-hidden="true">
        {place}
      </span>
      <h2>{name}</h2>
      <span className={css.meaning}>{stageMeaning[name] ?? ''}</span>
      <span className={css.reach}>
        {decided > 0 || reached > 0 ? (
          <>
            <b>{figure(decided)}</b> of {figure(reached)}
          </>
        ) : (
          '–'
        )}
        {again > 0 && (
          <span className="dimmer" title="Alerts that were held back and were judged again; they are in no other count">
            {' '}
            +{figure(again)} again
          </span>
        )}
      </span>
      <span className={css.bar} aria-hidden="true">
        <i style={{ width: `${(reached / most) * 100}%` }} />
        <b style={{ width: `${(decided / most) * 100}%` }} />
      </span>
    </div>
  )
}

function hourWords({ outcomes, passed, again }: RuleFigures): string {
  const words = outcomeWords(outcomes)
  if (passed > 0) return `${words === '' ? '' : `${words}, `}${figure(passed)} handed on`
  if (words !== '') return words
  return again > 0 ? `${figure(again)} again` : '–'
}

const originWords: Partial<Record<RuleFigures['origin'], string>> = { former: 'of before', silence: 'silence' }

/** Painted anew only when its figures move. */
const RuleRow = memo(function RuleRow({
  rule,
  open,
  onOpen,
}: {
  rule: RuleFigures
  open: boolean
  onOpen: (rule: RuleFigures) => void
}) {
  const row = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (open) row.current?.scrollIntoView({ block: 'nearest' })
  }, [open])
  const origin = originWords[rule.origin]
  return (
    <li>
      <button
        ref={row}
        type="button"
        className={acts(rule) ? css.rule : `${css.rule} ${css.quiet}`}
        aria-current={open ? 'true' : undefined}
        onClick={() => onOpen(rule)}
      >
        <span className={css.ruleName} title={rule.name}>
          {rule.name}
          {origin !== undefined && rule.stage !== 'silence' && <span className="dimmer"> {origin}</span>}
        </span>
        <span className={css.holds}>
          {rule.holds > 0 ? (
            <>
              holds <b>{figure(rule.holds)}</b>
            </>
          ) : rule.marks > 0 ? (
            <span title="Firing alerts that are in an incident, and that it would hold back">
              marks {figure(rule.marks)}
            </span>
          ) : null}
        </span>
        <span className={css.spark}>{rule.minutes.length > 0 && <Sparkline values={rule.minutes} width={72} />}</span>
        <span className={css.hour}>{hourWords(rule)}</span>
        <span className={css.day} title="In 24 hours">
          {rule.day === null ? '' : rule.day > 0 ? `${figure(rule.day)} in 24 h` : ''}
        </span>
        <span className={css.last}>{rule.lastAt !== null && <Ago at={Date.parse(rule.lastAt)} />}</span>
      </button>
    </li>
  )
})

/** Ticks for itself, so that its row is not painted anew each second. */
export function Ago({ at }: { at: number }) {
  const words = useStore(useApp().now, (state) => ageWords(state.at - at))
  return <time title={bothClocks(at)}>{words} ago</time>
}
