import { useState } from 'react'
import type { ErrorBody } from '#shared/errors.ts'
import type { EvidenceView } from '#shared/evidence.ts'
import type { Summary } from '#shared/wire.ts'
import { readError } from '../../../link/commands.ts'
import { bothClocks, utcMoment } from '../../../state/time-words.ts'
import { ActForm } from '../../../widgets/controls/act-form.tsx'
import { Button } from '../../../widgets/controls/button.tsx'
import { Dialog } from '../../../widgets/controls/dialog.tsx'
import { ReasonField, Trouble } from '../../../widgets/controls/field.tsx'
import { Menu, type MenuEntry } from '../../../widgets/controls/menu.tsx'
import { useApp, useMe, useToday } from '../../context.ts'
import css from './evidence.module.css'
import { hostOf, isPicture, kindWords, savedName, shortHash } from './words.ts'

const glyphs: Readonly<Record<EvidenceView['kind'], string>> = { file: '▤', link: '↗', payload: '⇥' }

/** One piece of evidence: what it is, who added it, and what can be done with it. */
export function Row({ one, summary }: { one: EvidenceView; summary: Summary }) {
  const me = useMe()
  const today = useToday()
  const [seen, setSeen] = useState(false)
  const [withdrawing, setWithdrawing] = useState(false)
  const [said, setSaid] = useState('')
  const save = useSave(summary.id, one)
  const { withdrawn, destroyedAt, kind, url, note, sha256 } = one
  const commands = me.actions.includes('incident.command')
  const mayRead =
    kind !== 'link' &&
    destroyedAt === null &&
    me.actions.includes('evidence.read') &&
    (!one.verbatim || me.actions.includes('lost.bytes')) &&
    (withdrawn === null || commands || me.actions.includes('audit.read'))
  const mayWithdraw =
    withdrawn === null &&
    me.actions.includes('incident.respond') &&
    (one.by.id === me.id || commands || summary.owner?.id === me.id)
  const at = Date.parse(one.addedAt)
  const title = one.name === '' ? hostOf(url) : one.name
  const copy = () => {
    if (sha256 === null) return
    navigator.clipboard.writeText(sha256).then(
      () => setSaid('Copied'),
      () => setSaid(sha256),
    )
  }
  const entries: MenuEntry[] = [
    ...(sha256 === null ? [] : [{ key: 'copy', label: 'Copy its SHA-256', run: copy }]),
    ...(mayWithdraw ? [{ key: 'withdraw', label: 'Withdraw it…', danger: true, run: () => setWithdrawing(true) }] : []),
  ]
  return (
    <li className={withdrawn === null ? css.row : `${css.row} ${css.gone}`}>
      <div className={css.line}>
        <span className={css.glyph} role="img" aria-label={kind === 'payload' ? 'request' : kind}>
          {glyphs[kind]}
        </span>
        <div className={css.what}>
          <p className={css.title}>
            <span className="dimmer">{one.id}</span>{' '}
            {kind === 'link' && withdrawn === null && url !== null ? (
              <a href={url} target="_blank" rel="noreferrer noopener">
                {title}
              </a>
            ) : (
              title
            )}
          </p>
          {note !== '' && <p className={css.note}>{note}</p>}
          <p className={css.meta}>
            <span>{kindWords(one)}</span>
            <span>
              {one.by.id === me.id ? 'You' : one.by.name},{' '}
              <time dateTime={one.addedAt} title={bothClocks(at)}>
                {utcMoment(at, today)}
              </time>
            </span>
            {sha256 !== null && (
              <span title={`SHA-256 ${sha256}`}>
                <span className="unseen">SHA-256 </span>
                <code>{shortHash(sha256)}</code>
              </span>
            )}
            <span aria-live="polite" className={css.said}>
              {said}
            </span>
          </p>
          {withdrawn !== null && (
            <p className={css.withdrawn}>
              <b>Withdrawn</b> by {withdrawn.by.id === me.id ? 'you' : withdrawn.by.name},{' '}
              <time dateTime={withdrawn.at} title={bothClocks(Date.parse(withdrawn.at))}>
                {utcMoment(Date.parse(withdrawn.at), today)}
              </time>
              : {withdrawn.reason}
            </p>
          )}
          {destroyedAt !== null && (
            <p className={css.withdrawn}>Its bytes were destroyed, {utcMoment(Date.parse(destroyedAt), today)}.</p>
          )}
        </div>
        <span className={css.acts}>
          {mayRead && isPicture(one) && (
            <Button
              kind="quiet"
              aria-expanded={seen}
              aria-label={`${seen ? 'Hide' : 'Show'} evidence ${one.id}`}
              onClick={() => setSeen(!seen)}
            >
              {seen ? 'Hide' : 'Show'}
            </Button>
          )}
          {mayRead && (
            <Button disabled={save.busy} aria-label={`Save evidence ${one.id}`} onClick={() => void save.run()}>
              {save.busy ? 'Saving…' : 'Save'}
            </Button>
          )}
          {entries.length > 0 && (
            <Menu
              trigger={
                <Button kind="quiet" aria-label={`More to do with evidence ${one.id}`}>
                  ⋯
                </Button>
              }
              entries={entries}
            />
          )}
        </span>
      </div>
      {save.error !== null && <Trouble>{save.error.message}</Trouble>}
      {seen && mayRead && <Picture incidentId={summary.id} one={one} />}
      {withdrawing && (
        <WithdrawDialog one={one} summary={summary} title={title} onClose={() => setWithdrawing(false)} />
      )}
    </li>
  )
}

const addressOf = (incidentId: string, one: EvidenceView) => `/api/incidents/${incidentId}/evidence/${one.id}`

/** Shown only when it is asked for: every look is on record. */
function Picture({ incidentId, one }: { incidentId: string; one: EvidenceView }) {
  const [failed, setFailed] = useState(false)
  if (failed)
    return <Trouble>It cannot be shown. Save it instead; if that fails too, the reason is said there.</Trouble>
  return (
    <img
      className={css.picture}
      src={`${addressOf(incidentId, one)}?as=preview`}
      alt={one.note === '' ? one.name : one.note}
      onError={() => setFailed(true)}
    />
  )
}

/** Never opened in the browser: whatever it holds, it is saved. */
function useSave(incidentId: string, one: EvidenceView) {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ErrorBody | null>(null)
  async function run(): Promise<void> {
    setBusy(true)
    setError(await fetchAndSave(addressOf(incidentId, one)))
    setBusy(false)
  }
  return { busy, error, run }
}

async function fetchAndSave(address: string): Promise<ErrorBody | null> {
  try {
    const response = await fetch(address, { credentials: 'same-origin' })
    if (!response.ok)
      return (
        readError(await response.json().catch(() => null)) ?? {
          code: 'internal',
          message: `The server answered ${response.status} without saying why. Try again; its log may tell more.`,
        }
      )
    const name = savedName(response.headers.get('content-disposition') ?? '')
    const content = await response.blob()
    const url = URL.createObjectURL(new Blob([content], { type: 'application/octet-stream' }))
    const link = document.createElement('a')
    link.href = url
    link.download = name
    link.click()
    URL.revokeObjectURL(url)
    return null
  } catch {
    return { code: 'not-ready', message: 'It broke off before its end. Nothing was saved; try again in a moment.' }
  }
}

function WithdrawDialog({
  one,
  summary,
  title,
  onClose,
}: {
  one: EvidenceView
  summary: Summary
  title: string
  onClose: () => void
}) {
  const { act } = useApp()
  const [reason, setReason] = useState('')
  const words = reason.trim()
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Withdraw evidence ${one.id} of ${summary.id}`}
      lead={`“${title}” stays in the record as withdrawn, with your reason.${one.kind === 'link' ? '' : ' Only commanders, privacy officers and auditors can read it then.'}`}
    >
      <ActForm
        button="Withdraw it"
        danger
        ready={words !== ''}
        onCancel={onClose}
        act={async () => {
          const outcome = await act.send(
            summary.id,
            { type: 'withdraw-evidence', evidence: one.id, reason: words },
            `Evidence ${one.id} of ${summary.id} is withdrawn.`,
          )
          if (!outcome.ok) return outcome.error
          onClose()
          return null
        }}
      >
        <ReasonField
          value={reason}
          hint="For example: of another incident, or it shows a customer's data"
          onSay={setReason}
        />
      </ActForm>
    </Dialog>
  )
}
