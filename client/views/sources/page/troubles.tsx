import { Link } from 'wouter'
import type { TroublesView } from '#shared/wire.ts'
import { ageWords, figure, utcWords } from '../../../state/time-words.ts'
import { useNow } from '../../context.ts'
import css from './page.module.css'

/** What to do about requests that were answered so. */
const remedies: Readonly<Record<number, string>> = {
  400: 'Compare what it sends with a sample below.',
  401: 'Its key or signature is not this source’s. Make a new key and paste it where it sends from.',
  403: 'It still uses a key that was revoked or has expired. Make a new key and paste it there.',
  404: 'Its key belongs to another source, or it sends to another address. Compare the address with the one under Connect.',
  405: 'It must send by POST.',
  413: 'Let it send smaller batches, or raise “Largest request” in the settings.',
  415: 'Let it send one of the media types that are named.',
  422: 'What it asks for besides could not be done.',
  429: 'Let it send less often, or raise “Requests per second” in the settings.',
  500: 'A fault of ours: the server’s log says more.',
  503: 'The server could not store it at that moment; the sender was asked to come again.',
}

const unknown: Readonly<Record<number, string>> = {
  401: 'Somebody sends with a key that no source has: find the sender, and give it the key of a source.',
  404: 'Somebody sends to a source that is not here: find the sender, and give it the address and key of a source.',
}

/** What came to nothing, sorted by reason, each with what to do. */
export function Troubles({
  troubles,
  lostAt = null,
  strangers = false,
}: {
  troubles: TroublesView
  /** Address of its lost property. */
  lostAt?: string | null
  /** Of nobody we know: there is no page with a key to renew. */
  strangers?: boolean
}) {
  const { refused, unreadable, others } = troubles
  const now = useNow()
  const since = Date.parse(troubles.since)
  const window = (
    <span title={utcWords(since)}>
      {now - since >= 86_340_000 ? 'in the last 24 hours' : `since ${ageWords(now - since)} ago`}
    </span>
  )
  if (refused.length === 0 && unreadable.length === 0)
    return <p className="dim">Nothing was refused and everything could be read, {window}.</p>
  return (
    <>
      <p className="dim">Counted {window}; counts begin anew with the server.</p>
      <ul className={css.troubles}>
        {refused.map((one) => (
          <TroubleLine
            key={`${one.status} ${one.reason}`}
            mark={String(one.status)}
            trouble={one}
            remedy={(strangers && unknown[one.status]) || (remedies[one.status] ?? '')}
          />
        ))}
        {unreadable.map((one) => (
          <TroubleLine
            key={one.reason}
            mark="unread"
            trouble={one}
            remedy={
              <>
                The request was kept; this part of it is in lost property.
                {lostAt !== null && (
                  <>
                    {' '}
                    <Link href={lostAt}>Look at it</Link>
                  </>
                )}
              </>
            }
          />
        ))}
      </ul>
      {others > 0 && <p className="dim">{figure(others)} more, of sorts that are not told apart any more.</p>}
    </>
  )
}

function TroubleLine({
  mark,
  trouble: { reason, count, lastAt },
  remedy,
}: {
  mark: string
  trouble: { reason: string; count: number; lastAt: string }
  remedy: React.ReactNode
}) {
  const now = useNow()
  const at = Date.parse(lastAt)
  return (
    <li>
      <b className={css.status}>{mark}</b>
      <div>
        <p>{reason}</p>
        {remedy !== '' && <p className="dim">{remedy}</p>}
      </div>
      <p className={css.troubleCount}>
        <b>{count === 1 ? 'once' : `${figure(count)} times`}</b>
        <time className="dim" dateTime={lastAt} title={utcWords(at)}>
          last {ageWords(now - at)} ago
        </time>
      </p>
    </li>
  )
}
