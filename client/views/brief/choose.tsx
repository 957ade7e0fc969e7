import { Combobox } from '@base-ui/react/combobox'
import { useId } from 'react'
import controls from '../../widgets/controls/controls.module.css'
import css from './choose.module.css'

/** Whom something can be offered to. */
export interface Receiver {
  /** A person's id, or `team:<id>`. */
  id: string
  name: string
  /** Why it stands where it stands: on call, asks for it. */
  note: string
}
export interface Receivers {
  title: string
  items: readonly Receiver[]
}

/** A field to find a person or a team in: those who are on call first. */
export function ChooseReceiver({
  groups,
  value,
  error,
  loading,
  onChange,
}: {
  groups: readonly Receivers[]
  value: string
  error: string | null
  loading: boolean
  onChange: (id: string) => void
}) {
  const id = useId()
  const chosen = groups.flatMap(({ items }) => items).find((one) => one.id === value) ?? null
  return (
    <div className={controls.field}>
      <label htmlFor={id}>To</label>
      <Combobox.Root
        items={groups}
        value={chosen}
        itemToStringLabel={(one: Receiver) => one.name}
        isItemEqualToValue={(a: Receiver, b: Receiver) => a.id === b.id}
        onValueChange={(one: Receiver | null) => onChange(one?.id ?? '')}
        autoHighlight
      >
        <Combobox.Input
          id={id}
          className={controls.input}
          placeholder={loading ? 'Fetching names…' : 'Name of a person or a team'}
          aria-invalid={error !== null}
          aria-describedby={`${id}-more`}
          autoComplete="off"
        />
        <Combobox.Portal>
          <Combobox.Positioner className={css.place} sideOffset={3}>
            <Combobox.Popup className={css.popup}>
              <Combobox.Empty className={css.empty}>Nobody of that name can be offered it.</Combobox.Empty>
              <Combobox.List>
                {(group: Receivers) => (
                  <Combobox.Group key={group.title} items={group.items}>
                    <Combobox.GroupLabel className={css.title}>{group.title}</Combobox.GroupLabel>
                    <Combobox.Collection>
                      {(one: Receiver) => (
                        <Combobox.Item key={one.id} value={one} className={css.item}>
                          <span>{one.name}</span> <span className="dim">{one.note}</span>
                        </Combobox.Item>
                      )}
                    </Combobox.Collection>
                  </Combobox.Group>
                )}
              </Combobox.List>
            </Combobox.Popup>
          </Combobox.Positioner>
        </Combobox.Portal>
      </Combobox.Root>
      <div id={`${id}-more`} className={controls.more}>
        {error !== null ? <span className={controls.error}>{error}</span> : chosen?.note}
      </div>
    </div>
  )
}
