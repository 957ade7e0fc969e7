import { useEffect, useMemo, useRef, useState } from 'react'
import { useSearch } from 'wouter'
import type { ErrorBody } from '#shared/errors.ts'
import {
  type PolicyCheck,
  type PolicyTextView,
  policyCheckSchema,
  policyTextSchema,
  type TrialView,
} from '#shared/trial.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { Loading, Refused } from '../conditions/conditions.tsx'
import { useApp, useAsked, useMe } from '../context.ts'
import frame from '../frame/frame.module.css'
import { Strip } from '../frame/strip.tsx'
import { Conflict } from './conflict.tsx'
import { type Draft, keptIn, lineOfRule, standing, withRule } from './draft.ts'
import { Editor, type EditorHandle } from './editor.tsx'
import css from './policy.module.css'
import { Result } from './result.tsx'
import { Rules } from './rules.tsx'
import { Save } from './save.tsx'
import { TryPanel } from './try-panel.tsx'

/** The rules of the filter room as text: changed here, tried on the past, and made active. */
export function PolicyPage() {
  const { value, error, again } = useAsked('/api/policy/text', policyTextSchema)
  useEffect(() => {
    document.title = 'Policy · Uxbridge'
  }, [])
  return (
    <div className={frame.page}>
      <Strip room="Policy" />
      <div />
      {value === null ? (
        <main className={css.page}>{error === null ? <Loading what="the policy" /> : <Refused error={error} />}</main>
      ) : (
        <Desk file={value} error={error} again={again} />
      )}
    </div>
  )
}

function Desk({ file, error, again }: { file: PolicyTextView; error: ErrorBody | null; again: () => Promise<void> }) {
  const me = useMe()
  const { draft, text, change, forget } = useDraft(file)
  const stands = standing(draft, file)
  const { check, checking } = useCheck(text, file)
  const [trial, setTrial] = useState<TrialView | null>(null)
  const [saving, setSaving] = useState(false)
  const editor = useRef<EditorHandle>(null)
  const problems = check?.problems ?? []
  const goTo = (line: number) => editor.current?.goTo(line)
  const mayTry = me.actions.includes('policy.try')
  const mayChange = me.actions.includes('policy.change')
  const [added, setAdded] = useState<number | null>(null)
  // The line is there only once the new text is.
  useEffect(() => {
    if (added === null) return
    editor.current?.goTo(added)
    setAdded(null)
  }, [added])

  useAskedRule(check, goTo)
  return (
    <main className={css.page}>
      {error !== null && <p className={css.stale}>Not renewed since: {error.message}</p>}
      <FileState file={file} changed={stands !== 'same'} />
      {stands === 'conflict' && draft !== null && (
        <Conflict mine={draft.text} theirs={file.text} onMine={() => change(draft.text, file)} onTheirs={forget} />
      )}
      <div className={css.desk}>
        <Rules
          sections={check?.sections ?? []}
          unreadable={check?.ok === false}
          onGo={goTo}
          onAdd={(section) => {
            const made = withRule(text, section)
            if (made === null) return
            change(made.text, file)
            setAdded(made.line)
          }}
        />
        <section className={css.writing} aria-label="Text of the policy">
          <Editor
            ref={editor}
            label="Policy, as YAML"
            text={text}
            problems={problems}
            readOnly={false}
            onChange={(next) => change(next, file)}
          />
          <Problems check={check} checking={checking} onGo={goTo} />
          <div className={css.ways}>
            <Button
              kind="main"
              disabled={stands !== 'changed' || check?.ok !== true || checking}
              onClick={() => setSaving(true)}
            >
              {mayChange && file.writable
                ? 'Make it active…'
                : file.place === 'file'
                  ? 'Show the patch…'
                  : 'Show the file…'}
            </Button>
            {stands !== 'same' && (
              <Button kind="quiet" onClick={forget}>
                Discard my changes
              </Button>
            )}
            <span className="dim">
              {stands === 'same'
                ? 'Nothing is changed.'
                : stands === 'conflict'
                  ? 'Say first what becomes of the newer file.'
                  : 'Changed, and kept in this tab until you save or discard it.'}
            </span>
          </div>
        </section>
        <section className={css.trial} aria-label="Try on the past">
          {mayTry ? (
            <>
              <TryPanel
                text={text}
                ready={check?.ok === true && !checking}
                invalid={check?.ok === false}
                outdated={check !== null && !checking && trial !== null && check.hash !== trial.hash}
                trial={trial}
                onTrial={setTrial}
              />
              {trial?.result && (
                <Result
                  result={trial.result}
                  lineOf={(stage, rule) => lineOfRule(check?.sections ?? [], stage, rule)}
                  onGo={goTo}
                />
              )}
            </>
          ) : (
            <p className="dim">Commanders and administrators can try a policy on the past.</p>
          )}
        </section>
      </div>
      {saving && draft !== null && (
        <Save
          file={file}
          draft={draft}
          mayChange={mayChange}
          tried={trial?.state === 'done' && trial.hash === check?.hash}
          onClose={() => setSaving(false)}
          onRefused={again}
          onSaved={async () => {
            await again()
            forget()
          }}
        />
      )}
    </main>
  )
}

/** From elsewhere one comes for a certain rule: `?stage=define&rule=noise`. Once, when it is known where that stands. */
function useAskedRule(check: PolicyCheck | null, goTo: (line: number) => void): void {
  const asked = useSearch()
  const went = useRef('')
  useEffect(() => {
    if (check === null || went.current === asked) return
    went.current = asked
    const words = new URLSearchParams(asked)
    const line = lineOfRule(check.sections, words.get('stage') ?? '', words.get('rule') ?? '')
    if (line !== null) goTo(line)
  })
}

/** Which text this is, and how it stands to what is active. */
function FileState({ file, changed }: { file: PolicyTextView; changed: boolean }) {
  const refused = file.hash !== file.active && file.problems.length > 0
  return (
    <div className={css.head}>
      <h2>{file.place === 'file' ? file.file : 'Built-in policy'}</h2>
      <p className="dim">
        {file.place === 'built-in' ? (
          <>
            There is no policy file, so the built-in policy is active. Write one here and try it; then save it as a
            file, set <code>POLICY_FILE</code> to it, and start again.
          </>
        ) : refused ? (
          <>
            <b className="late">✕ Refused.</b> The file as it stands is not valid, and the policy before it stays
            active. Mend the lines that are marked.
          </>
        ) : file.hash !== file.active ? (
          'This is the file as it stands; another version is active until it is read.'
        ) : (
          <>
            Active, version <code>{file.active.slice(0, 12)}</code>.
            {!file.writable && ' It cannot be written from here: changes are offered as a patch.'}
          </>
        )}
        {changed && ' Below is your changed text.'}
      </p>
    </div>
  )
}

/** What was typed: kept in the tab, and begun anew from the file when there is nothing. */
function useDraft(file: PolicyTextView) {
  const kept = useMemo(() => keptIn(sessionStorage), [])
  const [draft, setDraft] = useState<Draft | null>(() => kept.read())
  const put = (next: Draft | null) => {
    setDraft(next)
    kept.write(next)
  }
  return {
    draft,
    text: draft?.text ?? file.text,
    /** @param from the file that this text stands for: another one than before takes the place of it */
    change(text: string, from: PolicyTextView) {
      const begun = draft !== null && text !== draft.text ? draft : { base: from.hash, baseText: from.text }
      put(text === from.text ? null : { base: begun.base, baseText: begun.baseText, text })
    },
    forget: () => put(null),
  }
}

const checkAfterMs = 350

/** What the server says of the text, a moment after the last key. */
function useCheck(text: string, file: PolicyTextView): { check: PolicyCheck | null; checking: boolean } {
  const { api } = useApp()
  const [answer, setAnswer] = useState<{ text: string; check: PolicyCheck } | null>(null)
  const first = answer === null
  // biome-ignore lint/correctness/useExhaustiveDependencies: the file's own text is asked about again when it changed
  useEffect(() => {
    let over = false
    const timer = setTimeout(
      async () => {
        const said = await api.ask('POST', '/api/policy/check', policyCheckSchema, { text })
        if (!over && said.ok) setAnswer({ text, check: said.value })
      },
      first ? 0 : checkAfterMs,
    )
    return () => {
      over = true
      clearTimeout(timer)
    }
  }, [api, text, file.hash])
  return { check: answer?.check ?? null, checking: answer?.text !== text }
}

function Problems({
  check,
  checking,
  onGo,
}: {
  check: PolicyCheck | null
  checking: boolean
  onGo: (line: number) => void
}) {
  const problems = check?.problems ?? []
  const warnings = check?.warnings ?? []
  return (
    <div className={css.problems} aria-live="polite">
      {problems.length === 0 ? (
        <p className="dim">{check === null ? 'Checking…' : `✓ Valid${checking ? ', so far' : ''}.`}</p>
      ) : (
        <ul>
          {problems.map(({ line, path, message }) => (
            <li key={`${line} ${path} ${message}`}>
              <button type="button" disabled={line === null} onClick={() => line !== null && onGo(line)}>
                <b>✕ {line === null ? 'file' : `line ${line}`}</b> {path !== '' && <code>{path}</code>} {message}
              </button>
            </li>
          ))}
        </ul>
      )}
      {warnings.length > 0 && (
        <ul>
          {warnings.map(({ line, message }) => (
            <li key={`${line} ${message}`}>
              <button type="button" onClick={() => onGo(line)}>
                <span className="soon">! line {line}</span> {message}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
