import type { Summary } from '#shared/wire.ts'
import { FormShell } from '../../widgets/controls/act-form.tsx'
import { Dialog } from '../../widgets/controls/dialog.tsx'
import { Failure } from '../acts/failure.tsx'
import { useSend } from '../acts/use-act.ts'
import { useApp, useMe } from '../context.ts'
import css from './restricted.module.css'
import { SightList } from './sight.tsx'

/** Asks before it is closed to others, and says who goes on seeing it. */
export function RestrictDialog({ summary }: { summary: Summary }) {
  const { act } = useApp()
  const me = useMe()
  const { id } = summary
  const { busy, error, send } = useSend(id)
  return (
    <Dialog
      open
      onClose={act.end}
      title={`Restrict ${id}`}
      lead="It leaves the boards, walls, lists and figures of everybody else at once; pages of it that they have open close."
    >
      <FormShell
        button={`Restrict ${id}`}
        disabled={busy}
        trouble={<Failure error={error} summary={summary} />}
        onSubmit={() => send({ type: 'flag', flag: 'restricted', on: true }, `${id} is restricted.`)}
        onCancel={act.end}
      >
        <section className={css.going}>
          <h3 className="caps">Who goes on seeing it</h3>
          <SightList summary={summary} />
        </section>
        <ul className={css.follows} aria-label="What follows">
          <li>
            {me.actions.includes('restricted.read') ? 'Whoever' : 'You do, too, because you restrict it. Whoever'} is
            added later, to assist, for a task or by a hand-off, sees it from then on.
          </li>
          <li>Messages about it say only its number.</li>
          <li>Only a commander can lift the restriction.</li>
        </ul>
      </FormShell>
    </Dialog>
  )
}

export function LiftDialog({ summary }: { summary: Summary }) {
  const { act } = useApp()
  const { id } = summary
  const { busy, error, send } = useSend(id)
  return (
    <Dialog
      open
      onClose={act.end}
      title={`Lift the restriction of ${id}`}
      lead="It comes back to every board and wall at once, with its title and all that was written in it until now."
    >
      <FormShell
        button="Lift the restriction"
        disabled={busy}
        trouble={<Failure error={error} summary={summary} />}
        onSubmit={() =>
          send(
            { type: 'flag', flag: 'restricted', on: false },
            `The restriction of ${id} is lifted: everybody sees it.`,
          )
        }
        onCancel={act.end}
      >
        {null}
      </FormShell>
    </Dialog>
  )
}
