import { Menu as Base } from '@base-ui/react/menu'
import type { ReactElement, ReactNode } from 'react'
import { Key } from '../marks/marks.tsx'
import css from './controls.module.css'

export interface MenuEntry {
  key: string
  label: ReactNode
  shortcut?: string | null
  danger?: boolean
  run: () => void
}

/** A button that opens a list of things to do. */
export function Menu({
  trigger,
  entries,
  lead,
  defaultOpen = false,
}: {
  trigger: ReactElement
  entries: readonly MenuEntry[]
  lead?: ReactNode
  defaultOpen?: boolean
}) {
  return (
    <Base.Root defaultOpen={defaultOpen}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={5} align="end" className={css.menuPlace}>
          <Base.Popup className={css.menu}>
            {lead !== undefined && <div className={css.menuLead}>{lead}</div>}
            {entries.map((entry) => (
              <Base.Item
                key={entry.key}
                className={entry.danger === true ? `${css.item} ${css.itemDanger}` : css.item}
                onClick={entry.run}
              >
                <span>{entry.label}</span>
                {entry.shortcut != null && <Key>{entry.shortcut}</Key>}
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
