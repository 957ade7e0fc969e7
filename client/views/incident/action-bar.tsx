import type { Summary } from '#shared/wire.ts'
import { actionsFor } from '../../state/actions.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { Menu } from '../../widgets/controls/menu.tsx'
import { useApp, useMe } from '../context.ts'
import css from './incident.module.css'

const calm = new Set(['resolve', 'reopen'])

/** What I can do now: the wanted thing first, the near ones beside it, the rest behind More. */
export function ActionBar({
  summary,
  near = 4,
  sticky = false,
}: {
  summary: Summary
  near?: number
  sticky?: boolean
}) {
  const { act } = useApp()
  const me = useMe()
  const actions = actionsFor(summary, me)
  if (actions.length === 0) return null
  const shown = actions.filter(({ rank }) => rank !== 'more').slice(0, near)
  const rest = actions.filter((action) => !shown.includes(action))
  const begin = (type: (typeof actions)[number]['type']) => act.begin(type, summary.id)
  return (
    <div className={sticky ? `${css.bar} ${css.sticky}` : css.bar}>
      {shown.map((action, index) => (
        <Button
          key={action.type}
          kind={index === 0 && action.rank === 'main' && !calm.has(action.type) ? 'main' : 'plain'}
          shortcut={action.key}
          onClick={() => begin(action.type)}
        >
          {action.label}
        </Button>
      ))}
      {rest.length > 0 && (
        <Menu
          trigger={<Button aria-label={`More to do with ${summary.id}`}>More</Button>}
          entries={rest.map((action) => ({
            key: action.type,
            label: action.label,
            shortcut: action.key,
            danger: action.type === 'take-over' || action.type === 'dismiss',
            run: () => begin(action.type),
          }))}
        />
      )}
    </div>
  )
}
