import type { ErrorBody } from '#shared/errors.ts'
import type { Summary } from '#shared/wire.ts'
import { insteadOf, winnerOf } from '../../state/act.ts'
import { actionLabel } from '../../state/actions.ts'
import { ageWords, bothClocks } from '../../state/time-words.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { Buttons, Dialog } from '../../widgets/controls/dialog.tsx'
import { useApp, useMe, useNow } from '../context.ts'

/** Somebody was quicker. Rule O1: who, when, and what else there is to do. */
export function LostClaimDialog({ summary, error }: { summary: Summary; error: ErrorBody | null }) {
  const { act } = useApp()
  const me = useMe()
  const now = useNow()
  const won = error === null ? { name: null, sinceAt: null } : winnerOf(error)
  const mine = summary.owner?.id === me.id
  const name = mine ? 'You' : (won.name ?? summary.owner?.name ?? 'Somebody else')
  const again = (type: 'assist' | 'ask-relief') => {
    act.end()
    act.begin(type, summary.id)
  }
  return (
    <Dialog
      open
      onClose={act.end}
      title={mine ? `You own ${summary.id} already` : `${name} has ${summary.id}`}
      lead={
        won.sinceAt === null
          ? error?.message
          : `Claimed at ${bothClocks(won.sinceAt)}, ${ageWords(now - won.sinceAt)} ago. An incident has one owner; you can still help.`
      }
    >
      <Buttons>
        {(error === null ? [] : insteadOf(error)).map((type, index) => (
          <Button
            key={type}
            kind={index === 0 ? 'main' : 'plain'}
            onClick={() => again(type as 'assist' | 'ask-relief')}
          >
            {actionLabel(type)}
          </Button>
        ))}
        <Button kind="quiet" onClick={act.end}>
          Leave it
        </Button>
      </Buttons>
    </Dialog>
  )
}
