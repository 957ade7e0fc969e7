import { type FormEvent, useState } from 'react'
import { Link } from 'wouter'
import { z } from 'zod'
import type { ErrorBody } from '#shared/errors.ts'
import { outcomeMeaning, outcomes } from '#shared/outcome.ts'
import type { SourcePage } from '#shared/wire.ts'
import { figure } from '../../../state/time-words.ts'
import { Button } from '../../../widgets/controls/button.tsx'
import { SelectField, TextArea, TextField, Trouble } from '../../../widgets/controls/field.tsx'
import { useApp } from '../../context.ts'
import css from './page.module.css'

const answerSchema = z.object({ status: z.number(), body: z.unknown() })
const testedSchema = z.object({
  sent: z.object({ contentType: z.string(), body: z.string() }),
  answer: answerSchema,
  events: z.array(
    z.object({
      title: z.string(),
      outcome: z.enum(outcomes),
      stage: z.string(),
      rule: z.string(),
      reason: z.string(),
      incidentId: z.string().nullable(),
    }),
  ),
})
const triedSchema = z.object({
  events: z.array(
    z.object({
      kind: z.string(),
      status: z.string(),
      key: z.string(),
      severity: z.string(),
      severityRaw: z.string(),
      title: z.string(),
      service: z.string().nullable(),
      labels: z.record(z.string(), z.string()),
    }),
  ),
  count: z.number(),
  unreadable: z.array(z.object({ index: z.number(), reason: z.string() })),
  kept: z.boolean(),
  answer: answerSchema,
})

/** Sends a test through the whole house, and says what became of it. */
export function TestEvent({ page: { source }, onSent }: { page: SourcePage; onSent: () => Promise<void> }) {
  const { api } = useApp()
  const [busy, setBusy] = useState(false)
  const [tested, setTested] = useState<z.output<typeof testedSchema> | null>(null)
  const [error, setError] = useState<ErrorBody | null>(null)
  async function send(): Promise<void> {
    setBusy(true)
    const answer = await api.ask('POST', `/api/sources/${source.id}/test`, testedSchema, {})
    setBusy(false)
    setTested(answer.ok ? answer.value : null)
    setError(answer.ok ? null : answer.error)
    await onSent()
  }
  return (
    <div className={css.part}>
      <p className="dim">
        Goes through reading, filter and record as a real one would, marked as a test: it is recorded and opens no
        incident. The source counts as heard by it. It does not try the sender’s network or key; the line by hand under
        Connect does.
      </p>
      <div className={css.ways}>
        <Button kind="main" disabled={busy} onClick={() => void send()}>
          Send a test event
        </Button>
      </div>
      {error !== null && <Trouble>{error.message}</Trouble>}
      {tested !== null && (
        <div className={css.result} role="status">
          <ul className={css.eventList}>
            {tested.events.map((event, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: events of one answer have no other name and never move
              <li key={index}>
                <p>
                  <b>{event.outcome}</b>: {event.title}
                </p>
                <p className="dim">
                  {outcomeMeaning[event.outcome]}. Stage {event.stage}, rule “{event.rule}”: {event.reason}.{' '}
                  {event.incidentId === null ? (
                    'No incident.'
                  ) : (
                    <>
                      In <Link href={`/incident/${event.incidentId}`}>{event.incidentId}</Link>.
                    </>
                  )}
                </p>
              </li>
            ))}
          </ul>
          <Answered answer={tested.answer} />
          <details>
            <summary>What was read</summary>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
            <pre tabIndex={0} className={css.pre}>
              {tested.sent.body}
            </pre>
          </details>
        </div>
      )}
    </div>
  )
}

function Answered({ answer: { status, body } }: { answer: z.output<typeof answerSchema> }) {
  return (
    <p className="dim">
      A sender gets <b>{status}</b> for it
      {body === null || body === undefined || body === '' ? (
        ', without a body.'
      ) : (
        <>
          : <code>{typeof body === 'string' ? body : JSON.stringify(body)}</code>
        </>
      )}
    </p>
  )
}

const mediaTypes = [
  'application/json',
  'application/x-www-form-urlencoded',
  'text/plain',
  'text/xml',
  'application/cloudevents+json',
]

/** Reads a pasted body as a request of this source; nothing of it is kept. */
export function TrySample({ page: { source, kind } }: { page: SourcePage }) {
  const { api } = useApp()
  const [body, setBody] = useState('')
  const [contentType, setContentType] = useState('application/json')
  const [headers, setHeaders] = useState('')
  const [door, setDoor] = useState(kind.doors[0] ?? '')
  const [mapping, setMapping] = useState('')
  const takesMapping = kind.settings.some(({ name }) => name === 'mapping')
  const [busy, setBusy] = useState(false)
  const [tried, setTried] = useState<z.output<typeof triedSchema> | null>(null)
  const [error, setError] = useState<ErrorBody | null>(null)
  async function attempt(event: FormEvent): Promise<void> {
    event.preventDefault()
    setBusy(true)
    const answer = await api.ask('POST', `/api/sources/${source.id}/try`, triedSchema, {
      body,
      contentType,
      headers: headersIn(headers),
      ...(kind.doors.length > 1 && { door }),
      ...(takesMapping && mapping.trim() !== '' && { mapping }),
    })
    setBusy(false)
    setTried(answer.ok ? answer.value : null)
    setError(answer.ok ? null : answer.error)
  }
  return (
    <form className={css.part} onSubmit={(event) => void attempt(event)}>
      <TextArea
        label="Body, as the sender posts it"
        hint="It is read as this source’s requests are, with its settings as they are saved. Nothing of it is kept."
        className={css.code}
        rows={6}
        maxLength={200_000}
        value={body}
        onChange={(event) => setBody(event.target.value)}
      />
      <div className={css.row}>
        <TextField
          label="Media type"
          list="media-types"
          autoComplete="off"
          value={contentType}
          onChange={(event) => setContentType(event.target.value)}
        />
        <datalist id="media-types">
          {mediaTypes.map((type) => (
            <option key={type} value={type} />
          ))}
        </datalist>
        {kind.doors.length > 1 && (
          <SelectField label="Comes in at" value={door} onChange={(event) => setDoor(event.target.value)}>
            {kind.doors.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </SelectField>
        )}
      </div>
      <TextArea
        label="Headers that count, one a line (may stay empty)"
        rows={1}
        placeholder="x-github-event: workflow_run"
        value={headers}
        onChange={(event) => setHeaders(event.target.value)}
      />
      {takesMapping && (
        <TextArea
          label="Mapping to read it by (may stay empty)"
          hint="As it would stand in the policy under its name; YAML or JSON. Empty: the one that the settings name, else our own simple shape."
          placeholder={
            'fields:\n  title: /alert/name\n  status: { pointer: /alert/state, map: { OPEN: firing, CLOSED: resolved } }'
          }
          className={css.code}
          rows={4}
          maxLength={20_000}
          value={mapping}
          onChange={(event) => setMapping(event.target.value)}
        />
      )}
      <div className={css.ways}>
        <Button type="submit" disabled={busy || body.trim() === ''}>
          Read it
        </Button>
      </div>
      {error !== null && (
        <Trouble>
          {wrongIn(error).map((line) => (
            <p key={line}>{line}</p>
          ))}
        </Trouble>
      )}
      {tried !== null && <Tried tried={tried} />}
    </form>
  )
}

/** Everything that is wrong with what was given, a line each; else the refusal itself. */
function wrongIn({ message, details }: ErrorBody): string[] {
  const fields = details?.fields
  if (!Array.isArray(fields) || fields.length < 2) return [message]
  return [...new Set(fields.map((field: { path: string; message: string }) => `${field.path}: ${field.message}`))]
}

function Tried({ tried }: { tried: z.output<typeof triedSchema> }) {
  const { events, count, unreadable, kept, answer } = tried
  return (
    <div className={css.result} role="status">
      <p>
        <b>{count === 1 ? '1 event' : `${figure(count)} events`}</b>
        {unreadable.length > 0 && <span className="late">, {figure(unreadable.length)} could not be read</span>}
        {!kept && <span className="dim">; such a request says nothing that would be kept</span>}
      </p>
      {unreadable.length > 0 && (
        <ul className={css.eventList}>
          {unreadable.map(({ index, reason }) => (
            <li key={index}>
              <p className="late">Member {index}</p>
              <p>{reason}</p>
            </li>
          ))}
        </ul>
      )}
      <ul className={css.eventList}>
        {events.slice(0, 20).map((event, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: events of one answer may have the same key, and never move
          <li key={index}>
            <p>
              <b>{event.title}</b>
            </p>
            <p className="dim">
              {event.kind}, {event.status}, {event.severity}
              {event.severityRaw !== '' && event.severityRaw !== event.severity && ` (“${event.severityRaw}”)`}
              {event.service !== null && `, service ${event.service}`}
            </p>
            <p className={css.labels}>
              <code title="The condition: the same from its beginning to its end">key {event.key}</code>
              {Object.entries(event.labels).map(([name, value]) => (
                <code key={name}>
                  {name}={value}
                </code>
              ))}
            </p>
          </li>
        ))}
      </ul>
      {count > 20 && <p className="dim">and {figure(count - 20)} more</p>}
      <Answered answer={answer} />
    </div>
  )
}

/** `name: value` lines; others are left out. */
function headersIn(text: string): Record<string, string> {
  const pairs = text.split('\n').flatMap((line) => {
    const [, name, value] = /^\s*([\w-]+)\s*:\s*(.*?)\s*$/.exec(line) ?? []
    return name === undefined || value === undefined ? [] : [[name.toLowerCase(), value] as const]
  })
  return Object.fromEntries(pairs)
}
