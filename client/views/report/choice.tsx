import { useId } from 'react'
import { Needed } from './needed.tsx'
import css from './report.module.css'

/** One of a few, all of them in sight: for a thumb, and for the arrow keys. Pressed again it is none. */
export function Choice<T extends string>({
  name,
  label,
  options,
  value,
  needed,
  why,
  error,
  onChange,
}: {
  name: string
  label: string
  options: readonly { value: T; label: string }[]
  value: T | null
  needed: boolean
  why: string
  error: string | null
  onChange: (value: T | null) => void
}) {
  const id = useId()
  return (
    <fieldset className={css.choice} data-field={name} aria-describedby={`${id}-more`} aria-invalid={error !== null}>
      <legend>
        {label}
        {needed && <Needed />}
      </legend>
      <div className={css.options}>
        {options.map((option) => (
          <label key={option.value} className={css.option}>
            <input
              type="radio"
              name={`${id}-${name}`}
              checked={value === option.value}
              onChange={() => onChange(option.value)}
              onClick={() => value === option.value && onChange(null)}
            />
            {option.label}
          </label>
        ))}
      </div>
      <p id={`${id}-more`} className={error === null ? css.hint : css.fault}>
        {error ?? why}
      </p>
    </fieldset>
  )
}
