import { Link } from 'wouter'
import { useMe } from '../context.ts'
import css from './rota.module.css'

const example = `rotations:
  - id: payments
    team: payments                  # one of your teams; its members take turns
    time_zone: Europe/Berlin        # hand-overs keep their local hour
    layers:
      - people: [<id>, <id>, <id>]  # in the order of their turns
        starts: '2026-01-05T09:00'
        turn: 1w                    # 12h, 1d, 1w …
      - name: working hours         # asked after those of the layer above
        people: [<id>, <id>]
        starts: '2026-01-05T09:00'
        turn: 1d
        on: [{ weekdays: [monday:friday], times: [{ from: '09:00', to: '17:00' }] }]`

/** The policy has no rotation: how to write one. */
export function NoRotations() {
  const me = useMe()
  return (
    <main className={css.page}>
      <section className={css.first}>
        <h2>No rotation is written down yet</h2>
        <p>
          A rotation says who of a team answers when. It stands in the policy; overrides, swaps and calendars are made
          here. Until there is one, nobody is on call, and what nobody owns is told to all who command.
        </p>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
        <pre tabIndex={0}>{example}</pre>
        {me.actions.includes('policy.read') ? (
          <p>
            <Link href="/filter/policy" className={css.way}>
              {me.actions.includes('policy.change') ? 'Write one in the policy' : 'See the policy'}
            </Link>{' '}
            <span className="dim">
              The ids of people are under <Link href="/people">People</Link>.
            </span>
          </p>
        ) : (
          <p>An administrator writes it in the policy.</p>
        )}
      </section>
    </main>
  )
}
