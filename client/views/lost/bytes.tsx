import { useState } from 'react'
import type { ErrorBody } from '#shared/errors.ts'
import { type LostBytesView, lostBytesSchema } from '#shared/lost.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { Trouble } from '../../widgets/controls/field.tsx'
import { useApp } from '../context.ts'
import css from './lost.module.css'
import { fromBase64, hexLines, layOut, printable, sizeWords } from './raw.ts'

/** The request as it came: what it said of itself, the member alone where it can be told apart, and all the rest. */
export function Bytes({ id, seen, reason }: { id: string; seen: LostBytesView; reason: string }) {
  const { member, text, base64, size, shown } = seen
  const laidOut = text === null ? null : layOut(text)
  return (
    <div className={css.bytes}>
      <dl className={css.facts}>
        <dt>Request</dt>
        <dd>
          <code>
            {seen.method} {[seen.path, seen.query].filter((part) => part !== '').join('?') || 'to its own address'}
          </code>
        </dd>
        <dt>Media type</dt>
        <dd>
          <code>{seen.contentType === '' ? 'none given' : seen.contentType}</code>
        </dd>
        {Object.entries(seen.headers).map(([name, value]) => (
          <Header key={name} name={name} value={value} />
        ))}
        <dt>Read by</dt>
        <dd>
          <code>{seen.adapter}</code>
        </dd>
      </dl>
      {member !== null && <Block title="This member, as it stands in the request" text={layOut(member) ?? member} />}
      <Block
        title={`${text === null ? 'No text: the bytes in hexadecimal' : laidOut === null ? 'The request' : 'The request, laid out'}; ${sizeWords(size)}${shown < size ? `, the first ${sizeWords(shown)} of them` : ''}`}
        text={text === null ? hexLines(fromBase64(base64 ?? '')) : printable(laidOut ?? text)}
      />
      <Download id={id} reason={reason} size={size} />
    </div>
  )
}

function Header({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <code>{value}</code>
      </dd>
    </>
  )
}

function Block({ title, text }: { title: string; text: string }) {
  return (
    <div className={css.block}>
      <p className="caps">{title}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{text === '' ? 'no bytes: the body was empty' : text}</pre>
    </div>
  )
}

/** All of it, to the last byte, as a file. */
function Download({ id, reason, size }: { id: string; reason: string; size: number }) {
  const { api } = useApp()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ErrorBody | null>(null)
  async function take(): Promise<void> {
    setBusy(true)
    const answer = await api.ask('POST', `/api/lost/${id}/bytes`, lostBytesSchema, { reason, whole: true })
    setBusy(false)
    setError(answer.ok ? null : answer.error)
    if (answer.ok) save(fromBase64(answer.value.base64 ?? ''), `lost-${id}.bin`)
  }
  return (
    <>
      <p className={css.ways}>
        <Button disabled={busy} onClick={() => void take()}>
          Save all {sizeWords(size)} as a file
        </Button>
      </p>
      {error !== null && <Trouble>{error.message}</Trouble>}
    </>
  )
}

/** Never opened in the browser: whatever it holds, it is saved. */
function save(bytes: Uint8Array<ArrayBuffer>, name: string): void {
  const address = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  URL.revokeObjectURL(address)
}
