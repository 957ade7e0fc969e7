import type { SettingField } from '#shared/source.ts'
import { Button } from '../../../widgets/controls/button.tsx'
import { SelectField, TextArea, TextField } from '../../../widgets/controls/field.tsx'
import css from '../sources.module.css'
import type { Typed } from './draft.ts'

interface Props {
  field: SettingField
  value: Typed
  /** Of a secret: whether one is set. */
  hasSecret: boolean
  error: string | null
  disabled?: boolean
  onChange: (value: Typed) => void
}

/** One declared setting as a form field. */
export function SettingInput({ field, value, hasSecret, error, disabled = false, onChange }: Props) {
  const text = typeof value === 'string' ? value : ''
  const plain = { label: field.label, hint: field.help, error, disabled, required: field.required === true }
  switch (field.type) {
    case 'flag':
      return (
        <div className={css.flagField}>
          <label>
            <input
              type="checkbox"
              checked={value === true}
              disabled={disabled}
              onChange={(event) => onChange(event.target.checked)}
            />{' '}
            {field.label}
          </label>
          <span className="dimmer">{error === null ? field.help : <span className="late">{error}</span>}</span>
        </div>
      )
    case 'choice':
      return (
        <SelectField {...plain} value={text} onChange={(event) => onChange(event.target.value)}>
          {field.default === undefined && <option value="">–</option>}
          {field.options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </SelectField>
      )
    case 'secret':
      return <SecretInput {...plain} value={value} hasSecret={hasSecret} onChange={onChange} />
    case 'list':
      return (
        <TextArea
          {...plain}
          hint={`${field.help} One a line.`}
          rows={3}
          placeholder={field.example}
          value={text}
          onChange={(event) => onChange(event.target.value)}
        />
      )
    case 'text':
      if ((field.lines ?? 1) > 1)
        return (
          <TextArea
            {...plain}
            className={css.code}
            rows={field.lines}
            placeholder={field.example}
            value={text}
            onChange={(event) => onChange(event.target.value)}
          />
        )
      return (
        <TextField
          {...plain}
          autoComplete="off"
          placeholder={field.example}
          value={text}
          onChange={(event) => onChange(event.target.value)}
        />
      )
    case 'number':
      return (
        <TextField
          {...plain}
          label={
            field.unit === undefined || field.label.endsWith(field.unit)
              ? field.label
              : `${field.label} (${field.unit})`
          }
          inputMode="numeric"
          autoComplete="off"
          value={text}
          onChange={(event) => onChange(event.target.value)}
        />
      )
    case 'duration':
      return (
        <TextField
          {...plain}
          autoComplete="off"
          placeholder="for example 90s, 5m, 1h30m"
          value={text}
          onChange={(event) => onChange(event.target.value)}
        />
      )
  }
}

/** What was set is never shown: it can be kept, replaced, or taken away. */
function SecretInput({
  value,
  hasSecret,
  onChange,
  label,
  hint,
  error,
  disabled,
  required,
}: Omit<Props, 'field'> & { label: string; hint: string; required: boolean }) {
  if (hasSecret && value === null)
    return (
      <div className={css.secretField}>
        <span className="dim">{label}</span>
        <span>
          set, and not shown
          {!disabled && (
            <>
              {' '}
              <Button onClick={() => onChange({ replace: '' })}>Replace</Button>{' '}
              {!required && (
                <Button kind="quiet" onClick={() => onChange('')}>
                  Remove
                </Button>
              )}
            </>
          )}
        </span>
        <span className="dimmer">{hint}</span>
      </div>
    )
  if (hasSecret && value === '')
    return (
      <div className={css.secretField}>
        <span className="dim">{label}</span>
        <span>
          <span className="soon">is removed when you save</span>{' '}
          <Button kind="quiet" onClick={() => onChange(null)}>
            Keep it
          </Button>
        </span>
      </div>
    )
  const typed = typeof value === 'object' ? (value?.replace ?? '') : ''
  return (
    <div className={css.secretField}>
      <TextField
        label={label}
        hint={hint}
        error={error}
        disabled={disabled}
        required={required}
        type="password"
        autoComplete="new-password"
        value={typed}
        onChange={({ target }) => onChange(target.value === '' && !hasSecret ? null : { replace: target.value })}
      />
      {hasSecret && (
        <Button kind="quiet" onClick={() => onChange(null)}>
          Keep the one before
        </Button>
      )}
    </div>
  )
}
