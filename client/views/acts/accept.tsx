import { useEffect, useRef, useState } from 'react'
import { differences } from '#shared/brief/differences.ts'
import { copiedWords, isCopied } from '#shared/brief/own-words.ts'
import type { IncidentView, Summary } from '#shared/wire.ts'
import { leftWords } from '../../state/time-words.ts'
import { FormShell } from '../../widgets/controls/act-form.tsx'
import { Button } from '../../widgets/controls/button.tsx'
import { Buttons, Dialog } from '../../widgets/controls/dialog.tsx'
import { TextField, Trouble } from '../../widgets/controls/field.tsx'
import { Changes } from '../brief/changes.tsx'
import { Loading, Refused } from '../conditions/conditions.tsx'
import { useApp, useIncident, useMe, useNow } from '../context.ts'
import { asBrief, BriefBlock, namesIn } from '../incident/parts.tsx'
import { Failure } from './failure.tsx'
import { useDraft, useSend } from './use-act.ts'

/**
 * Reads the brief and accepts it. Rule O4: the acceptance is for the revision on screen; when the offer is issued
 * again while somebody reads, what changed is shown, and the button waits until that was seen.
 */
export function AcceptDialog({ summary }: { summary: Summary }) {
  const { act } = useApp()
  const me = useMe()
  const now = useNow()
  const { view, refused } = useIncident(summary.id)
  const key = `accept/${summary.id}`
  const [readBack, setReadBack] = useDraft(key, () => '')
  const { busy, error, send } = useSend(summary.id)
  const field = useRef<HTMLInputElement>(null)
  const { offer } = summary
  const [read, setRead] = useState<{ revision: number; brief: IncidentView['offerBrief'] } | null>(null)
  const offerBrief = view?.offerBrief ?? null
  useEffect(() => {
    if (offer !== null && offerBrief !== null)
      setRead((before) => before ?? { revision: offer.revision, brief: offerBrief })
  }, [offer, offerBrief])
  const here = view !== null
  useEffect(() => {
    if (here) field.current?.focus()
  }, [here])
  const mine = offer?.eligible.includes(me.id) ?? false
  const leftMs = offer === null ? 0 : Date.parse(offer.deadline) - now

  if (offer === null || !mine) return <OfferGone summary={summary} />
  const changed = read !== null && read.revision !== offer.revision
  const moved =
    !changed || read.brief === null || view === null || offerBrief === null
      ? []
      : differences(asBrief(read.brief), asBrief(offerBrief), namesIn(view))
  const copied = offerBrief !== null && isCopied(readBack, offerBrief.situation)
  const giver = summary.owner?.name ?? 'The commander'
  return (
    <Dialog
      open
      wide="whole"
      onClose={act.end}
      title={summary.title}
      lead={
        <>
          {giver} offers you {summary.id}.{' '}
          {summary.owner === null ? 'Nobody owns it until you accept.' : `${giver} owns it until you accept.`}{' '}
          <b className={leftMs < 60_000 ? 'late' : 'soon'}>
            {leftMs > 0 ? `${leftWords(leftMs)} left` : 'the time is over'}
          </b>
        </>
      }
      initialFocus={field}
    >
      {view === null ? (
        refused === null ? (
          <Loading what="the brief" />
        ) : (
          <Refused error={refused} />
        )
      ) : (
        <FormShell
          button="Accept and own it"
          disabled={busy || changed || readBack.trim() === '' || copied || leftMs <= 0}
          trouble={<Failure error={error?.code === 'offer-changed' ? null : error} summary={summary} />}
          more={<Button onClick={() => act.begin('decline', summary.id)}>Decline…</Button>}
          cancel="Not now"
          onSubmit={() =>
            send({ type: 'accept', revision: offer.revision, readBack: readBack.trim() }, `You own ${summary.id}.`, key)
          }
          onCancel={act.end}
        >
          {changed && (
            <Trouble>
              <p>
                <b>The offer changed while you read:</b>{' '}
                {view.offerChanged.length > 0 ? view.offerChanged.join('; ') : 'it was made again'}.
              </p>
              <Changes changes={moved} />
              <Buttons>
                <Button onClick={() => setRead({ revision: offer.revision, brief: view.offerBrief })}>
                  I have read what changed
                </Button>
              </Buttons>
            </Trouble>
          )}
          {view.offerBrief !== null && <BriefBlock brief={asBrief(view.offerBrief)} nameOf={namesIn(view)} />}
          <TextField
            ref={field}
            label="Read back: the situation in your own words, one line"
            hint="The giver and everybody on the board see it"
            error={copied ? copiedWords : null}
            value={readBack}
            maxLength={280}
            autoComplete="off"
            onChange={(event) => setReadBack(event.target.value)}
          />
        </FormShell>
      )}
    </Dialog>
  )
}

/** The offer ended while its brief was being read. */
function OfferGone({ summary }: { summary: Summary }) {
  const { act } = useApp()
  const me = useMe()
  const mine = summary.owner?.id === me.id
  return (
    <Dialog
      open
      onClose={act.end}
      title={mine ? `${summary.id} is yours` : `No offer of ${summary.id} to you is open`}
      lead={
        mine
          ? 'You own it.'
          : summary.owner === null
            ? 'It was withdrawn or its time ran out. Nobody owns it.'
            : `It was answered, withdrawn, or its time ran out. ${summary.owner.name} owns it.`
      }
    >
      <Buttons>
        {!mine && summary.owner === null && (
          <Button
            kind="main"
            onClick={() => {
              act.end()
              act.begin('claim', summary.id)
            }}
          >
            Claim
          </Button>
        )}
        {!mine && summary.owner !== null && (
          <Button
            onClick={() => {
              act.end()
              act.begin('ask-relief', summary.id)
            }}
          >
            Ask for relief
          </Button>
        )}
        <Button kind="quiet" onClick={act.end}>
          Close
        </Button>
      </Buttons>
    </Dialog>
  )
}
