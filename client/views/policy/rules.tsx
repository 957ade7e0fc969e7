import type { PolicySection } from '#shared/trial.ts'
import { figure } from '../../state/time-words.ts'
import css from './policy.module.css'

/** The rules by kind, in the order in which an alert meets them: to jump to, and to add one. */
export function Rules({
  sections,
  unreadable,
  onGo,
  onAdd,
}: {
  sections: readonly PolicySection[]
  /** There is no list because the text is no YAML. */
  unreadable: boolean
  onGo: (line: number) => void
  onAdd: (section: PolicySection) => void
}) {
  if (sections.length === 0)
    return (
      <nav className={css.rules} aria-label="Rules">
        {unreadable && <p className="dim">The rules are listed again when the text can be read.</p>}
      </nav>
    )
  return (
    <nav className={css.rules} aria-label="Rules">
      {sections.map((section) => (
        <div key={section.key} className={css.kind}>
          <div className={css.kindHead}>
            <h3 title={section.meaning}>
              {section.title}
              {section.rules.length > 0 && <span className="dimmer"> {figure(section.rules.length)}</span>}
            </h3>
            <button
              type="button"
              className={css.add}
              disabled={section.insert === null}
              aria-label={`Add a rule: ${section.title}`}
              title={
                section.insert === null
                  ? 'Written in one line; give each rule lines of its own first'
                  : `Add: ${section.meaning}`
              }
              onClick={() => onAdd(section)}
            >
              +
            </button>
          </div>
          {section.rules.length > 0 && (
            <ul>
              {section.rules.map(({ name, line }) => (
                <li key={`${line} ${name}`}>
                  <button type="button" onClick={() => onGo(line)} title={`${name}, line ${line}`}>
                    {name}
                  </button>
                </li>
              ))}
            </ul>
          )}
        </div>
      ))}
    </nav>
  )
}
