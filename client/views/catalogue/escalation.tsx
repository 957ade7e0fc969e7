import type { EscalationView } from '#shared/catalogue.ts'
import css from './detail.module.css'
import { afterWords, quietWords, repeatWords, targetWords, whoWords } from './words.ts'

/** Whom a policy tells and when, in words, with who that is now. */
export function EscalationSteps({ policy }: { policy: EscalationView }) {
  return (
    <>
      <ol className={css.steps}>
        {policy.steps.map(({ afterMs, notify }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step is known by its place
          <li key={at}>
            <span className={css.after}>{afterWords(afterMs)}</span>
            <ul>
              {notify.map((one) => {
                const who = whoWords(one)
                return (
                  <li key={one.target}>
                    {targetWords(one)}
                    {who !== null && (
                      <>
                        {' → '}
                        <b className={who === 'nobody now' ? 'soon' : undefined}>{who}</b>
                      </>
                    )}
                  </li>
                )
              })}
            </ul>
          </li>
        ))}
      </ol>
      <p className="dim">{[repeatWords(policy), ...quietWords(policy).map((words) => `${words}.`)].join(' ')}</p>
    </>
  )
}
