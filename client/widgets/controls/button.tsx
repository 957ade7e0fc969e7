import type { ComponentProps } from 'react'
import { Key } from '../marks/marks.tsx'
import css from './controls.module.css'

export type ButtonKind = 'plain' | 'main' | 'quiet' | 'danger'

export function Button({
  kind = 'plain',
  shortcut = null,
  className,
  children,
  ...rest
}: ComponentProps<'button'> & { kind?: ButtonKind; shortcut?: string | null }) {
  return (
    <button type="button" className={[css.button, css[kind], className].filter(Boolean).join(' ')} {...rest}>
      {children}
      {shortcut !== null && (
        <>
          {' '}
          <Key>{shortcut}</Key>
        </>
      )}
    </button>
  )
}
