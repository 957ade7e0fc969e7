import { Link } from 'wouter'
import type { Matcher } from '#shared/matchers.ts'
import type { SilencePreviewView } from '#shared/silence.ts'
import { figure } from '../../state/time-words.ts'
import { Trouble } from '../../widgets/controls/field.tsx'
import css from './silences.module.css'
import { usePreview } from './use-preview.ts'

/** What these matchers would hold back now, asked while they are typed. */
export function Preview({ matchers }: { matchers: readonly Matcher[] }) {
  const { preview, error } = usePreview(matchers.length === 0 ? null : { matchers })

  return (
    <section className={css.preview} aria-label="What it would hold back now" aria-live="polite">
      <h3 className="caps">What it would hold back now</h3>
      {error !== null ? (
        <Trouble>{error.message}</Trouble>
      ) : preview === null ? (
        <p className="dim">Name a label and its value.</p>
      ) : (
        <Found preview={preview} />
      )}
    </section>
  )
}

function Found({ preview: { firing, silenced, incidents, incidentsInAll, alerts } }: { preview: SilencePreviewView }) {
  if (firing === 0) return <p className="dim">Nothing that fires now. It would hold back what comes.</p>
  return (
    <>
      <p>
        <b>{firing === 1 ? '1 firing alert' : `${figure(firing)} firing alerts`}</b>
        {silenced > 0 && <span className="dim">, {figure(silenced)} of them silenced already</span>}
        {incidentsInAll > 0 && (
          <>
            , in <b>{incidentsInAll === 1 ? '1 incident' : `${figure(incidentsInAll)} incidents`}</b>
          </>
        )}
      </p>
      {incidents.length > 0 && (
        <ul className={css.found}>
          {incidents.slice(0, 6).map((one) => (
            <li key={one.id}>
              <Link href={`/incident/${one.id}`}>{one.id}</Link>
              <span className={css.foundTitle}>{one.title}</span>
              <span className="dim">{figure(one.firing)}</span>
            </li>
          ))}
        </ul>
      )}
      <ul className={css.found}>
        {alerts
          .filter(({ incidentId }) => incidentId === null)
          .slice(0, 6)
          .map((alert) => (
            <li key={alert.id}>
              <span className="dim">{alert.severity}</span>
              <span className={css.foundTitle}>{alert.title}</span>
              <span className="dim">{alert.source.name}</span>
            </li>
          ))}
      </ul>
    </>
  )
}
