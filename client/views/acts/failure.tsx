import type { ErrorBody } from '#shared/errors.ts'
import type { Summary } from '#shared/wire.ts'
import { insteadOf } from '../../state/act.ts'
import { actionLabel } from '../../state/actions.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { Buttons } from '../../widgets/controls/dialog.tsx'
import { Trouble } from '../../widgets/controls/field.tsx'
import { useApp } from '../context.ts'

/** Why the server refused, in its own words, and what it offers instead. */
export function Failure({ error, summary }: { error: ErrorBody | null; summary: Summary | null }) {
  const { act } = useApp()
  if (error === null) return null
  const instead = insteadOf(error)
  return (
    <Trouble>
      <p>{error.message}</p>
      {summary !== null && instead.length > 0 && (
        <Buttons>
          {instead.map((type) => (
            <Button
              key={type}
              onClick={() => {
                act.end()
                act.begin(type, summary.id)
              }}
            >
              {actionLabel(type)}
            </Button>
          ))}
        </Buttons>
      )}
    </Trouble>
  )
}
