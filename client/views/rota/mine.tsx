import { useState } from 'react'
import type { RotaNow, ShiftView, SwapView } from '#shared/duty/view.ts'
import { ageWords } from '../../state/time-words.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { useMe } from '../context.ts'
import { type Begin, type Known, waysOf } from './known.ts'
import css from './rota.module.css'
import { shiftsOf } from './timeline/layout.ts'
import { ByMark } from './timeline/marks.tsx'
import { byWords, clashWords, layerWords, offeredWords, shiftWords, swapFollows } from './words.ts'
import { momentIn, rangeIn } from './zone.ts'

const shownAtFirst = 3

/** What is mine: my duty now, what is asked of me, what I have offered, and my shifts of the time that is shown. */
export function Mine({ known, mine, begin }: { known: Known; mine: RotaNow['mine']; begin: Begin }) {
  const [all, setAll] = useState(false)
  const { view, now, names, here } = known
  if (view.me === null) return null
  const shifts = shiftsOf(view.rotations, view.me, now)
  const inSome = view.rotations.some(({ layers }) => layers.some(({ people }) => people.includes(view.me ?? '')))
  const asked = view.swaps.filter(({ state, mine }) => state === 'open' && mine === 'asked')
  const offered = view.swaps.filter(({ state, mine }) => state === 'open' && mine === 'offered')
  const refused = view.swaps.filter((swap) => isNews(swap, now))
  // Whoever takes no turns has nothing here, and sees what is everybody's first.
  if (!inSome && shifts.length === 0 && asked.length + offered.length + refused.length === 0) return null
  const on = mine?.on ?? null
  const next = mine?.next ?? null
  return (
    <section className={css.part} aria-label="My shifts">
      <h2 className="caps">Mine</h2>
      <p className={css.myState}>
        {on !== null ? (
          <>
            <b>You are on call</b> for {names.rotation(on.rotation)} until {momentIn(Date.parse(on.endsAt), here, now)}{' '}
            ({ageWords(Date.parse(on.endsAt) - now)} left)
            {on.next.length > 0 && `; then ${on.next.map(({ name }) => name).join(', ')}`}.
          </>
        ) : (
          <>You are off call. </>
        )}{' '}
        {next !== null ? (
          <span className="dim">
            Your next shift: {names.rotation(next.rotation)},{' '}
            {rangeIn(Date.parse(next.from), Date.parse(next.to), here, now)}.
          </span>
        ) : (
          mine !== null && <span className="dim">No other shift of yours within eight weeks.</span>
        )}
      </p>
      {asked.map((swap) => (
        <Asked key={swap.id} swap={swap} known={known} begin={begin} />
      ))}
      {offered.map((swap) => (
        <Offered key={swap.id} swap={swap} known={known} begin={begin} />
      ))}
      {refused.map((swap) => (
        <Refused key={swap.id} swap={swap} known={known} />
      ))}
      {shifts.length > 0 && (
        <ul className={css.rows} aria-label="My shifts of the time that is shown">
          {(all ? shifts : shifts.slice(0, shownAtFirst)).map((shift) => (
            <ShiftRow
              key={`${shift.rotation} ${shift.layer} ${shift.from}`}
              shift={shift}
              known={known}
              begin={begin}
            />
          ))}
        </ul>
      )}
      {shifts.length > shownAtFirst && (
        <p>
          <Button kind="quiet" onClick={() => setAll(!all)}>
            {all ? 'Show the next three only' : `Show all ${shifts.length} of the time that is shown`}
          </Button>
        </p>
      )}
    </section>
  )
}

function ShiftRow({ shift, known, begin }: { shift: ShiftView; known: Known; begin: Begin }) {
  const { names, rotations, here, now } = known
  const mayDo = useMe().actions.includes('rota.swap')
  const from = Date.parse(shift.from)
  const to = Date.parse(shift.to)
  const layers = rotations.get(shift.rotation)?.layers ?? []
  const words = layerWords(shift.layer, layers)
  const on = from <= now
  return (
    <li className={css.row}>
      <span className={css.rowWhat}>
        <b>{rangeIn(from, to, here, now)}</b>
        <span className="dim">
          {on ? `on now, ${ageWords(to - now)} left` : `in ${ageWords(from - now)}, for ${ageWords(to - from)}`}
        </span>
      </span>
      <span>
        {names.rotation(shift.rotation)}
        {words !== null && <span className="dim">, {words}</span>}{' '}
        {byWords[shift.by] !== null && (
          <span className={css.byWord}>
            <ByMark by={shift.by} /> {byWords[shift.by]}
          </span>
        )}
      </span>
      <span className={css.rowWays}>
        {mayDo && waysOf(shift, known).offer && (
          <Button
            aria-label={`Offer to swap: ${shiftWords(shift, names, { here, there: here, now, layers })}`}
            onClick={() => begin({ kind: 'offer', shift })}
          >
            Swap…
          </Button>
        )}
      </span>
    </li>
  )
}

function Asked({ swap, known, begin }: { swap: SwapView; known: Known; begin: Begin }) {
  const { names, view, here, now } = known
  const clash = swap.clashes.filter(({ person }) => person === view.me)
  return (
    <div className={css.swap}>
      <p>
        <b>{names.person(swap.person)} asks</b> {swap.offeredTo.startsWith('team:') ? 'your team' : 'you'} to take a
        shift. If you accept: {swapFollows(swap, view.me ?? '', names, { here, now, me: view.me }).join(' ')}
        {swap.reason !== null && <span className="dim"> “{swap.reason}”</span>}
      </p>
      {clashWords(clash, names, view.me).map((words) => (
        <p key={words} className="soon">
          {words}
        </p>
      ))}
      {!swap.holds && <p className="soon">That shift is another one by now; it cannot be accepted.</p>}
      <p className={css.swapWays}>
        <Button kind="main" disabled={!swap.holds} onClick={() => begin({ kind: 'answer', swap, how: 'accept' })}>
          Accept…
        </Button>
        <Button onClick={() => begin({ kind: 'answer', swap, how: 'decline' })}>Decline…</Button>
        <span className="dim">Stands until {momentIn(Date.parse(swap.from), here, now)}.</span>
      </p>
    </div>
  )
}

const newsMs = 3 * 24 * 3_600_000

/** Nobody took a shift of mine that is still to come: I have to know. */
function isNews({ state, mine, to, endedAt }: SwapView, now: number): boolean {
  if (mine !== 'offered' || (state !== 'declined' && state !== 'expired') || Date.parse(to) <= now) return false
  return endedAt === null || now - Date.parse(endedAt) < newsMs
}

function Refused({ swap, known: { names, here, now } }: { swap: SwapView; known: Known }) {
  const stretch = `${names.rotation(swap.rotation)}, ${rangeIn(Date.parse(swap.from), Date.parse(swap.to), here, now)}`
  return (
    <p className={css.swap}>
      {swap.state === 'declined' ? (
        <span>
          <b>{swap.by === null ? 'It was' : names.person(swap.by)} declined</b> your offer: {stretch}.
          {swap.answer !== null && <span className="dim"> “{swap.answer}”</span>} The shift is still yours.
        </span>
      ) : (
        <span>
          <b>Nobody accepted</b> your offer in time: {stretch}. The shift stayed yours.
        </span>
      )}
    </p>
  )
}

function Offered({ swap, known, begin }: { swap: SwapView; known: Known; begin: Begin }) {
  const { names, teams, here, now } = known
  return (
    <div className={css.swap}>
      <p>
        <b>You offered</b> {names.rotation(swap.rotation)},{' '}
        {rangeIn(Date.parse(swap.from), Date.parse(swap.to), here, now)}, to {offeredWords(swap, names, teams)}. It is
        yours until somebody accepts.
        <span className="dim"> {clashWords(swap.clashes, names, known.view.me).join(' ')}</span>
      </p>
      {!swap.holds && <p className="soon">That shift is another one by now; nobody can accept it.</p>}
      <p className={css.swapWays}>
        <Button onClick={() => begin({ kind: 'answer', swap, how: 'withdraw' })}>Withdraw…</Button>
      </p>
    </div>
  )
}
