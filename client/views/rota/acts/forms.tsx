import type { z } from 'zod'
import type { ErrorBody } from '#shared/errors.ts'
import type { Me } from '#shared/wire.ts'
import { useApp } from '../../context.ts'
import type { Begin, Doing, Known } from '../known.ts'
import { FeedsForm } from './feeds.tsx'
import { ImportForm } from './import.tsx'
import { OfferForm } from './offer.tsx'
import { OverrideForm } from './override.tsx'
import { RemoveForm } from './remove.tsx'
import { ShiftCard } from './shift.tsx'
import { AnswerForm } from './swap-answer.tsx'

/** What every form of the rota is given. */
export interface FormProps {
  known: Known
  begin: Begin
  onClose: () => void
  /** Sends it; where it was done, says so and shows the rota as it is then. */
  send: Send
}
export type Send = <T>(
  method: 'POST' | 'DELETE',
  path: string,
  schema: z.ZodType<T>,
  body: unknown,
  said: string,
) => Promise<ErrorBody | null>

/** The form that is begun, over the page. */
export function Forms({
  doing,
  known,
  me,
  begin,
  onClose,
  again,
}: {
  doing: Doing
  known: Known
  me: Me
  begin: Begin
  onClose: () => void
  again: () => Promise<void>
}) {
  const { api, announcer } = useApp()
  const send: Send = async (method, path, schema, body, said) => {
    const answer = await api.ask(method, path, schema, body)
    await again()
    if (!answer.ok) return answer.error
    announcer.say({ tone: 'done', text: said, incidentId: null, offers: [] })
    onClose()
    return null
  }
  const props = { known, begin, onClose, send }
  switch (doing.kind) {
    case 'shift':
      return <ShiftCard {...props} shift={doing.shift} maySwap={me.actions.includes('rota.swap')} />
    case 'override':
      return <OverrideForm {...props} wanted={doing} />
    case 'remove':
      return <RemoveForm {...props} id={doing.override} />
    case 'offer':
      return <OfferForm {...props} shift={doing.shift} />
    case 'answer':
      return <AnswerForm {...props} swap={doing.swap} how={doing.how} />
    case 'import':
      return <ImportForm {...props} again={again} />
    case 'feeds':
      return <FeedsForm {...props} />
  }
}
