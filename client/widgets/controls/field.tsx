import { type ComponentProps, type ReactNode, useId } from 'react'
import css from './controls.module.css'

interface FieldProps {
  label: ReactNode
  hint?: ReactNode
  error?: string | null
}

/** A labelled line of text. */
export function TextField({
  label,
  hint,
  error = null,
  className = '',
  ...rest
}: FieldProps & ComponentProps<'input'>) {
  const id = useId()
  return (
    <div className={css.field}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className={`${css.input} ${className}`}
        aria-invalid={error !== null}
        aria-describedby={`${id}-more`}
        {...rest}
      />
      <More id={`${id}-more`} hint={hint} error={error} />
    </div>
  )
}

/** Several lines; the room left is shown once it gets short. */
export function TextArea({
  label,
  hint,
  error = null,
  className = '',
  ...rest
}: FieldProps & ComponentProps<'textarea'>) {
  const id = useId()
  const left = rest.maxLength === undefined ? null : rest.maxLength - String(rest.value ?? '').length
  return (
    <div className={css.field}>
      <span className={css.labelRow}>
        <label htmlFor={id}>{label}</label>
        {left !== null && left <= (rest.maxLength ?? 0) * 0.25 && <span className="dimmer">{left} left</span>}
      </span>
      <textarea
        id={id}
        className={`${css.input} ${className}`}
        rows={3}
        aria-invalid={error !== null}
        aria-describedby={`${id}-more`}
        {...rest}
      />
      <More id={`${id}-more`} hint={hint} error={error} />
    </div>
  )
}

/** Why somebody does this, in their own words: as long as a reason may be. */
export function ReasonField({
  optional = false,
  label = optional ? 'Reason (may stay empty)' : 'Reason',
  onSay,
  ...rest
}: Partial<FieldProps> &
  Omit<ComponentProps<typeof TextArea>, 'label' | 'onChange'> & {
    optional?: boolean
    onSay: (reason: string) => void
  }) {
  return <TextArea label={label} rows={2} maxLength={500} onChange={(event) => onSay(event.target.value)} {...rest} />
}

export function SelectField({ label, hint, error = null, children, ...rest }: FieldProps & ComponentProps<'select'>) {
  const id = useId()
  return (
    <div className={css.field}>
      <label htmlFor={id}>{label}</label>
      <select id={id} className={css.input} aria-describedby={`${id}-more`} {...rest}>
        {children}
      </select>
      <More id={`${id}-more`} hint={hint} error={error} />
    </div>
  )
}

function More({ id, hint, error }: { id: string; hint: ReactNode; error: string | null }) {
  return (
    <div id={id} className={css.more}>
      {error !== null ? <span className={css.error}>{error}</span> : hint}
    </div>
  )
}

/** What went wrong and what to do, beside where it went wrong. */
export function Trouble({ children }: { children: ReactNode }) {
  return (
    <div className={css.trouble} role="alert">
      {children}
    </div>
  )
}
