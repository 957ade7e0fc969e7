import { useCallback, useEffect, useState } from 'react'
import type { ErrorBody } from '#shared/errors.ts'
import { type Report as Made, type ReportAnswer, type ReportForm, reportFormSchema } from '#shared/report.ts'
import { Loading, Refused, Unreachable } from '../conditions/conditions.tsx'
import { useApp, useMe } from '../context.ts'
import frame from '../frame/frame.module.css'
import { Strip } from '../frame/strip.tsx'
import { type Draft, type Drawer, emptyDraft, isEmpty, openDrawer, type Sent } from './draft.ts'
import { FormOfReport } from './form.tsx'
import css from './report.module.css'
import { SentReports } from './sent.tsx'

/** The service desk's form: what people feel, and what became of it. */
export function ReportPage() {
  const me = useMe()
  useEffect(() => {
    document.title = 'Report · Uxbridge'
  }, [])
  return (
    <div className={frame.page}>
      <Strip room="Report" />
      <span />
      <main className={css.page}>
        <h1>Report what people feel</h1>
        <p className="dim">It goes to those who can mend it, at once. You see here what becomes of it.</p>
        {me.actions.includes('report.make') ? <Desk person={me.id} key={me.id} /> : <Refused error={notYours} />}
      </main>
    </div>
  )
}

const notYours: ErrorBody = {
  code: 'not-allowed',
  message: 'Your role may not report. Ask an administrator for the role reporter.',
}

function Desk({ person }: { person: string }) {
  const { link } = useApp()
  const [drawer] = useState<Drawer>(() => openDrawer(sessionStorage, person))
  const [draft, setDraft] = useState<Draft>(() => drawer.draft ?? emptyDraft(crypto.randomUUID()))
  const [sent, setSent] = useState<readonly Sent[]>(drawer.sent)
  const [kept, setKept] = useState(true)
  const { rules, error, ask } = useRules()

  function write(next: Draft): void {
    setDraft(next)
    setKept(drawer.keep(isEmpty(next) ? null : next, sent))
  }
  function done(answer: ReportAnswer, { title }: Made): void {
    const now = [{ answer, title, at: link.serverNow() }, ...sent].slice(0, 5)
    setSent(now)
    setDraft(emptyDraft(crypto.randomUUID()))
    setKept(drawer.keep(null, now))
  }

  if (rules === null)
    return error === null ? <Loading what="the form" /> : <Unreachable message={error.message} onRetry={ask} />
  return (
    <div className={css.desk}>
      <SentReports sent={sent} />
      <FormOfReport key={draft.id} rules={rules} draft={draft} kept={kept} onChange={write} onSent={done} />
    </div>
  )
}

/** What the policy asks for. Asked once; a form that is being written does not change under the hand. */
function useRules() {
  const { api } = useApp()
  const [rules, setRules] = useState<ReportForm | null>(null)
  const [error, setError] = useState<ErrorBody | null>(null)
  const ask = useCallback(() => {
    setError(null)
    void api.ask('GET', '/api/reports/form', reportFormSchema).then((answer) => {
      if (answer.ok) setRules(answer.value)
      else setError(answer.error)
    })
  }, [api])
  useEffect(ask, [ask])
  return { rules, error, ask }
}
